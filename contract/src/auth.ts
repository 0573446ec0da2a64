import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { fields, flag, id, object, optional, ose, out, outInteger, text } from './fields.ts'
import { sessionUser } from './objects.ts'

const sessionInfo = object('The session', {
  accessToken: out('Access token, 48 hex digits, good for 20 minutes after the last call'),
  expiresIn: outInteger('Seconds'),
  issuedAt: out('Epoch milliseconds'),
  refreshToken: out('Token that renews the session, 48 hex digits'),
  sessionId: out('Session id, 48 hex digits'),
})

/** common.md 12.2. */
export const login = endpoint({
  name: 'login',
  method: 'POST',
  path: `${ose}/auth/login`,
  tag: 'Session',
  summary: 'Sign in with account and password',
  description:
    'Wrong tries are slowed down for the pair of account and address, then refused for a while with HTTP 429. With `cookie` true the token also comes as an HttpOnly cookie, for our own web application.',
  caller: 'anyone',
  body: fields({
    account: text('Account name', 200),
    authType: Type.String({ description: '1: account and password', enum: ['1', '2'], maxLength: 1 }),
    password: optional(Type.String({ description: 'Password', minLength: 1, maxLength: 200 })),
    captchaToken: optional(Type.String({ description: 'Ignored', maxLength: 4000 })),
    cookie: optional(flag('Extension: set the cookie of the web application')),
  }),
  answer: fields({
    data: object('Who signed in', {
      userInfo: object('The person', {
        userId: out('User id'),
        firstname: out('Name'),
        surname: out('Empty'),
        phone: out('Mobile number'),
        email: out('E-mail'),
      }),
      sessionInfo,
    }),
  }),
  errors: ['CREDENTIAL_WRONG', 'TOO_MANY_ATTEMPTS'],
  example: {
    request: { account: 'admin', authType: '1', password: 'correct horse battery' },
    answer: {
      data: {
        userInfo: { userId: '1505084218764547200', firstname: 'Administrator', surname: '', phone: '', email: '' },
        sessionInfo: {
          accessToken: '6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be',
          expiresIn: 1200,
          issuedAt: '1779300000000',
          refreshToken: 'c17c8903e9382a0ac17c8903e9382a0ac17c8903e9382a0a',
          sessionId: '0f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a6978',
        },
      },
    },
  },
})

/** common.md 12.2. */
export const refreshToken = endpoint({
  name: 'refreshToken',
  method: 'POST',
  path: `${ose}/auth/refreshToken`,
  tag: 'Session',
  summary: 'Renew a session by its refresh token',
  description: 'Each refresh token works once; the answer carries the next one.',
  caller: 'anyone',
  body: fields({
    refreshToken: Type.String({ description: '48 hex digits', pattern: '^[0-9a-f]{48}$', maxLength: 48 }),
  }),
  answer: fields({ data: object('The renewed session', { sessionInfo }) }),
  errors: ['TOKEN_INVALID'],
})

/** common.md 12.1. */
export const checkSession = endpoint({
  name: 'checkSession',
  method: 'GET',
  path: `${ose}/session/auth`,
  tag: 'Session',
  summary: 'Check a token and name its owner',
  caller: 'session',
  isRead: true,
  answer: fields({ data: sessionUser }),
  errors: ['TOKEN_INVALID'],
})

/** common.md 12.1. */
export const logoff = endpoint({
  name: 'logoff',
  method: 'GET',
  path: `${ose}/session/logoff`,
  tag: 'Session',
  summary: 'End the session',
  description: 'A call without a token, or with a dead one, succeeds too: there is nothing left to end.',
  caller: 'visitor',
  answer: fields({ failedList: Type.Array(Type.String(), { description: 'Always empty' }) }),
  errors: [],
})

/** common.md 12.1. */
export const refreshSession = endpoint({
  name: 'refreshSession',
  method: 'POST',
  path: `${ose}/session/refresh`,
  tag: 'Session',
  summary: 'Renew the access token of a session',
  caller: 'session',
  headers: fields({ 'x-session-id': id('Session id') }),
  answer: fields({ accessToken: out('New access token, 48 hex digits') }),
  errors: ['TOKEN_INVALID'],
})

export const authEndpoints = { login, refreshToken, checkSession, logoff, refreshSession }
