import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Tells commands in other terminals where everything is: `addresses.json`, an object of setting names
 * and values, there while `npm start` runs. Answers what removes it.
 */
export function publishAddresses(
  folder: string,
  addresses: Readonly<Record<string, string>>,
): () => void {
  const file = addressesFile(folder);
  // Renamed into place: a reader sees all of it or none.
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(addresses, null, 2)}\n`);
  renameSync(partial, file);
  return () => rmSync(file, { force: true });
}

export function addressesFile(folder: string): string {
  return path.join(folder, 'addresses.json');
}
