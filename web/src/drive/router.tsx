import { createHashHistory, createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import { BinPage } from './BinPage.tsx'
import { FilesPage } from './FilesPage.tsx'
import { Shell } from './Shell.tsx'

const root = createRootRoute({ component: Shell })

const top = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: function Top() {
    return <FilesPage folderId="root" />
  },
})

const folder = createRoute({
  getParentRoute: () => root,
  path: '/folder/$folderId',
  component: function Folder() {
    const { folderId } = folder.useParams()
    return <FilesPage key={folderId} folderId={folderId} />
  },
})

const bin = createRoute({ getParentRoute: () => root, path: '/bin', component: BinPage })

/** The vendor's address of a link leads to ours (decisions.md 2). */
const vendorLink = createRoute({
  getParentRoute: () => root,
  path: '/sharelink/i/$shortUrl',
  beforeLoad: ({ params }) => location.replace(`/s/${encodeURIComponent(params.shortUrl)}`),
})

const anywhereElse = createRoute({
  getParentRoute: () => root,
  path: '$',
  beforeLoad: () => {
    redirect({ to: '/', throw: true })
  },
})

/** The pages of the drive; addresses live in the fragment, so any path the server gives the page at works. */
export const router = createRouter({
  routeTree: root.addChildren([top, folder, bin, vendorLink, anywhereElse]),
  history: createHashHistory(),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
