import './mantine.css'
import '../theme/tokens.css'
import '../theme/base.css'
import { RouterProvider } from '@tanstack/react-router'
import { startPage } from '../shared/AppFrame.tsx'
import { router } from './router.tsx'
import { Toasts } from './Toasts.tsx'

startPage(
  <>
    <Toasts />
    <RouterProvider router={router} />
  </>,
)
