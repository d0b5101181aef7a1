import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { definitions } from '../components/index.ts';
import { COMPONENTS } from '../types.ts';
import { addressesOf, COMPOSE_FILE, composeArgs, portVariables, projectName } from './compose.ts';

const text = readFileSync(COMPOSE_FILE, 'utf8');

/** The lines of each service, by its name: what is indented below `services:`. */
function serviceBlocks(): Map<string, string> {
  const services = /^services:\n((?: .*\n|\n)+)/m.exec(text)![1]!;
  const parts = services.split(/^ {2}(\w+):$/m).slice(1);
  return new Map(
    parts.flatMap((part, at) => (at % 2 === 0 ? [[part, parts[at + 1]!] as const] : [])),
  );
}

describe('docker-compose.kafka.yml', () => {
  const blocks = serviceBlocks();

  test('is YAML', async () => {
    await expect(format(text, { parser: 'yaml' })).resolves.toContain('services:');
  });

  test('has the same components as the native form', () => {
    expect([...blocks.keys()].sort()).toEqual([...COMPONENTS].sort());
  });

  test.each(COMPONENTS)(
    '%s has a health check, and its port on the loopback interface only',
    (name) => {
      const block = blocks.get(name)!;
      expect(block).toMatch(/^ {4}healthcheck:\n( {6}#.*\n)* {6}test:/m);
      const published = [...block.matchAll(/^ {6}- (\S+):\d+$/gm)].map((match) => match[1]);
      const variable = Object.keys(portVariables(new Map([[name, 1]])))[0]!;
      const [preferred] = definitions[name].preferredPorts;
      expect(published).toEqual([`127.0.0.1:\${${variable}:-${preferred}}`]);
    },
  );

  test('keeps data in named volumes that it declares', () => {
    const used = [...text.matchAll(/^ {6}- ([\w-]+):\//gm)].map((match) => match[1]);
    const declared = [...text.split(/^volumes:$/m)[1]!.matchAll(/^ {2}([\w-]+):$/gm)].map(
      (m) => m[1],
    );
    expect(used.sort()).toEqual(declared.sort());
    expect(used).not.toHaveLength(0);
  });
});

test('commands name the project and the file', () => {
  expect(composeArgs('p', 'up', '--wait')).toEqual([
    'compose',
    '--project-name',
    'p',
    '--file',
    COMPOSE_FILE,
    'up',
    '--wait',
  ]);
});

test('each data folder has containers of its own', () => {
  expect(projectName('/a')).not.toBe(projectName('/b'));
  expect(projectName('/a')).toMatch(/^[a-z0-9-]+$/);
});

test('addresses are those of the native form', () => {
  expect(addressesOf(new Map([['kafka', 1] as const, ['registry', 2] as const]))).toEqual({
    KAFKA_BROKERS: '127.0.0.1:1',
    SCHEMA_REGISTRY_URL: 'http://127.0.0.1:2/apis/ccompat/v7',
  });
});
