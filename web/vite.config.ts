import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { precompress } from './precompress.ts'
import { slimContract } from './slim-contract.ts'

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Two pages with their own entries; `vite dev` expects a server on port 8080. */
export default defineConfig({
  plugins: [slimContract(), react(), precompress()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: { input: { index: page('index.html'), share: page('share.html') } },
  },
  server: { proxy: { '/koodrive': 'http://127.0.0.1:8080', '/api': 'http://127.0.0.1:8080' } },
})
