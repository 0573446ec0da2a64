import { Button } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import styles from './drive.module.css'

interface Props {
  icon: LucideIcon
  text: string
  onClick: () => void
  /** Beside a more important button. */
  isQuiet?: boolean
}

/** A button of a bar: on narrow screens only its picture shows. */
export function BarButton({ icon: Icon, text, onClick, isQuiet = false }: Props) {
  return (
    <Button
      variant={isQuiet ? 'default' : 'filled'}
      classNames={{ root: styles.barButton ?? '' }}
      title={text}
      onClick={onClick}
    >
      <Icon size={18} aria-hidden />
      <span className={styles.barText}>{text}</span>
    </Button>
  )
}
