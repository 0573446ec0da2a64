import { ChevronRight } from 'lucide-react'
import { useTexts } from '../shared/use-texts.ts'
import type { Step } from './listed-item.ts'
import styles from './trail.module.css'

interface Props {
  /** From the top to where we are. */
  steps: Step[]
  onGo: (index: number) => void
}

/** The path to the folder shown; every step but the last leads there. */
export function PathTrail({ steps, onGo }: Props) {
  const { t } = useTexts()
  return (
    <nav aria-label={t('list.path')}>
      <ol className={styles.trail}>
        {steps.map(({ id, name }, index) => (
          <li key={id}>
            {index > 0 && <ChevronRight size={16} className={styles.separator} aria-hidden />}
            {index === steps.length - 1 ? (
              <span className={styles.crumb} aria-current="page">
                <bdi>{name}</bdi>
              </span>
            ) : (
              <button type="button" className={styles.crumb} onClick={() => onGo(index)}>
                <bdi>{name}</bdi>
              </button>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
