// Writes src/api/schema.ts from the description a hub gives of its API: `npm run api -- PROGRAM`, with the built `shugu`.
// With --check it only says whether what is there is what it would write.

import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

import { startHub } from './hub.mjs';

const [program, check] = process.argv.slice(2);
if (!program) {
  console.error('usage: npm run api -- PROGRAM   (the built shugu, such as ../target/release/shugu)');
  process.exit(2);
}

const hub = await startHub(program, '--no-local');
try {
  const answer = await fetch(`${hub.address}/openapi.json`);
  const text = astToString(await openapiTS(await answer.json()));
  const head = '// Made by `npm run api -- PROGRAM` from the hub\'s description of its API. Not edited by hand.\n\n';
  const path = new URL('../src/api/schema.ts', import.meta.url);
  if (check !== '--check') await writeFile(path, head + text);
  else if ((await readFile(path, 'utf8')) !== head + text) {
    console.error('web/src/api/schema.ts is not what the hub describes: npm run api -- PROGRAM in web/, and commit it');
    process.exitCode = 1;
  }
} finally {
  await hub.stop();
}
