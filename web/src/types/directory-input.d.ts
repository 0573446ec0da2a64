import 'react'

declare module 'react' {
  interface InputHTMLAttributes<T> {
    /** Every browser knows it, React's types do not. */
    webkitdirectory?: T extends HTMLInputElement ? string : never
  }
}
