import './mantine.css'
import '../theme/tokens.css'
import '../theme/base.css'
import { Notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { startPage } from '../shared/AppFrame.tsx'
import { router } from './router.tsx'

startPage(
  <>
    <Notifications position="bottom-left" autoClose={6000} />
    <RouterProvider router={router} />
  </>,
)
