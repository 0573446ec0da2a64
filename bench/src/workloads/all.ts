import type { WorkloadName } from '../options.ts'
import type { Row } from '../rows.ts'
import type { Stage } from '../stage.ts'
import { runW1 } from './w1.ts'
import { runW2 } from './w2.ts'
import { runW3 } from './w3.ts'
import { runW4 } from './w4.ts'
import { runW4b } from './w4b.ts'
import { runW5 } from './w5.ts'
import { runW6 } from './w6.ts'
import { runW8 } from './w8.ts'

/** How to run each workload. */
export const workloads: Record<WorkloadName, (stage: Stage) => Promise<Row[]>> = {
  W1: runW1,
  W2: runW2,
  W3: runW3,
  W4: runW4,
  W4b: runW4b,
  W5: runW5,
  W6: runW6,
  W8: runW8,
}
