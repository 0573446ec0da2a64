import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { choice, fields, id, limit, list, object, offset, optional, ose, out, outInteger } from './fields.ts'

const jobInfo = object('A job', {
  taskId: out('Job id'),
  taskName: out('Name'),
  userId: out('Enterprise id, a dash, user id'),
  taskType: outInteger('1 copy, 2 delete, 3 move, 4 restore, 7 empty the bin; 100 deliver a share (ours)'),
  actionType: outInteger('Refines taskType'),
  status: outInteger('0 waiting, 1 running, 2 finished, 3 cancelled'),
  taskResultCode: optional(outInteger('1 all succeeded, 2 partly failed, 3 all failed')),
  resultCode: outInteger('0, or the error code of the first item that failed'),
  progress: outInteger('Percent'),
  contentNum: outInteger('Items requested'),
  containerId: out('Target space'),
  tenantId: out('Enterprise id'),
  beginTime: optional(out('yyyyMMddHHmmss, UTC')),
  endTime: optional(out('yyyyMMddHHmmss, UTC')),
  createTime: out('yyyyMMddHHmmss, UTC'),
})

/** files.md 6. */
export const createJob = endpoint({
  name: 'createJob',
  method: 'POST',
  path: `${ose}/jobs`,
  tag: 'Jobs',
  summary: 'Copy, move, delete or restore many items in the background',
  description:
    'Of the documented types this release carries out 1 copy, 2 delete (201 to the bin, 202 for good), 3 move, 4 restore and 7 empty the bin.',
  caller: 'user',
  body: fields({
    taskType: choice('1 copy, 2 delete, 3 move, 4 restore, 7 empty the bin', [1, 2, 3, 4, 7]),
    actionType: optional(
      choice('101 copy, 201 to the bin, 202 for good, 301 move, 701 empty the bin', [101, 201, 202, 301, 701]),
    ),
    taskInfo: object('What to work on', {
      fileInfo: optional(
        list(
          'Items',
          object('An item', {
            fileId: id('File id'),
            filePath: optional(Type.String({ description: 'Full id path; ids decide', maxLength: 4000 })),
          }),
          1000,
        ),
      ),
      newFilePath: optional(
        Type.String({ description: 'Destination folder: its id, or an id path that ends in it', maxLength: 4000 }),
      ),
      srcContainerId: id('Source space'),
    }),
    dstContainerId: id('Target space'),
    password: optional(Type.String({ description: 'Ignored', maxLength: 200 })),
  }),
  answer: fields({ data: out('Job id') }),
  errors: [
    'SPACE_NOT_ACCESSIBLE',
    'SPACE_NOT_ACTIVE',
    'TARGET_FOLDER_INVALID',
    'TARGET_IN_BIN',
    'IDEMPOTENCY_CONFLICT',
    'IN_PROGRESS',
  ],
  example: {
    request: {
      taskType: 2,
      actionType: 201,
      dstContainerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4',
      taskInfo: {
        srcContainerId: 'IAADfsBFCO6WtAtuA315074383680425b8aa9a130cba2d4',
        fileInfo: [{ fileId: 'FnkL1QhXj8muHBuSWCHtFFY8Azue44Snr' }],
      },
    },
    answer: { data: '1309243162258308352' },
  },
})

/** files.md 6. */
export const listJobs = endpoint({
  name: 'listJobs',
  method: 'GET',
  path: `${ose}/jobs`,
  tag: 'Jobs',
  summary: 'Jobs of the caller, newest first',
  caller: 'user',
  isRead: true,
  query: fields({
    type: optional(choice('Kind of job', [1, 2, 3, 4, 5, 6, 7, 100])),
    status: optional(choice('0 waiting, 1 running, 2 finished, 3 cancelled', [0, 1, 2, 3])),
    offset,
    limit,
  }),
  answer: fields({ data: list('Jobs', jobInfo, 100) }),
  errors: [],
})

/** files.md 6. */
export const getJob = endpoint({
  name: 'getJob',
  method: 'GET',
  path: `${ose}/{job_id}`,
  twins: [{ method: 'GET', path: `${ose}/jobs/{job_id}` }],
  tag: 'Jobs',
  summary: 'State of a job',
  caller: 'user',
  isRead: true,
  params: fields({ job_id: Type.String({ description: 'Job id', pattern: '^[0-9]{1,20}$', maxLength: 20 }) }),
  answer: fields({
    data: object('The job', {
      jobInfo,
      taskInfos: list(
        'Its items',
        object('An item', {
          id: out('Number of the item'),
          fileId: out('File id'),
          filePath: out('As it was sent'),
          status: out('0 waiting, 1 succeeded, 2 failed'),
          newFileId: optional(out('Id after the operation')),
          srcContainerId: out('Source space'),
          resultCode: out('0 or an error code'),
          resultDesc: out('OK or the reason'),
        }),
      ),
    }),
  }),
  errors: ['NOT_FOUND'],
})

/** files.md 6. */
export const cancelJob = endpoint({
  name: 'cancelJob',
  method: 'POST',
  path: `${ose}/cancel`,
  tag: 'Jobs',
  summary: 'Cancel a waiting or running job',
  caller: 'user',
  body: fields({ jobId: id('Job id') }),
  answer: fields({ data: out('Job id') }),
  errors: ['NOT_FOUND'],
})

export const jobEndpoints = { createJob, listJobs, cancelJob, getJob }
