export { type CallOptions, createDrive, type Drive, type DriveOptions } from './client.ts'
export { DriveError, type ErrorDetail } from './errors.ts'
export { type AppKey, type RequestToSign, signRequest } from './sign.ts'
