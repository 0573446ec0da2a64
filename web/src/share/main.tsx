import './mantine.css'
import '../theme/tokens.css'
import '../theme/base.css'
import { startPage } from '../shared/AppFrame.tsx'
import { shortUrlOf } from './door.ts'
import { SharePage } from './SharePage.tsx'

startPage(<SharePage shortUrl={shortUrlOf(location.pathname)} />)
