import { newId } from '../../ids.ts'
import type { JobKind } from '../jobs/jobs.runner.ts'
import { deliverKind } from '../shares/shares.service.ts'
import { findLiveShare } from '../shares/shares.visit.ts'
import { insertMessages, selectReached } from './messages.queries.ts'

const batch = 500

/** Tells every receiver of a share of it, each once, in batches that may be repeated after a crash. */
const deliverShare: JobKind = {
  kind: deliverKind,
  async run(ctx, job, signal) {
    const share = await findLiveShare(ctx, job.target_id)
    let after = ''
    while (share && !signal.aborted) {
      const people = await selectReached.all(ctx.db, {
        share_id: share.id,
        owner_id: share.owner_id,
        after,
        limit: batch,
      })
      if (people.length > 0) {
        const pairs = JSON.stringify(people.map((person) => [newId(), person.id]))
        await insertMessages.run(ctx.db, {
          pairs,
          kind: 'share.received',
          share_id: share.id,
          created_at: ctx.now().toISOString(),
        })
      }
      if (people.length < batch) break
      after = people.at(-1)?.id ?? ''
    }
  },
}

/** The kinds of jobs messages carry out. */
export const messageJobKinds = [deliverShare]
