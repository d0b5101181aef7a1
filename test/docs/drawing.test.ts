/** What `docs/ec-demo-architecture.drawio` draws is what the code does: `docs/drawing/` is held against it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSettings } from '#kit';
import { topics } from '#schemas';
import { changelogTopic, deadLetterTopic, storesOf, topicName } from '#streams/graph/topology';
import type { Arrow, ArrowKind, Box, BoxKind, Sheet } from '../../docs/drawing/sheet.ts';
import { files, SHEETS } from '../../docs/drawing/write.ts';
import { alertHost } from '../../services/kafka-alert/host.ts';
import { services, setup } from '../../services/launcher/services.ts';
import { orderHost } from '../../services/order/host.ts';
import { allProjections } from '../../services/projections/all.ts';
import { projectionsFor } from '../../services/search-indexer/projections.ts';
import { sloHost } from '../../services/slo/host.ts';
import { storageHost } from '../../services/storage/host.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const [overview, dataFlow] = SHEETS;

const settings = readSettings({ env: {}, cwd: join(ROOT, 'test/docs') });
/** The services that run a topology. */
const hosts = [
  alertHost(settings),
  orderHost({ ...settings, firstPollMs: 1000, longestPollMs: 1000 }),
  storageHost(),
  sloHost(settings),
];

const SERVICES = [...services, ...setup].map(({ name }) => name);
const TOPICS = Object.values(topics).map(({ name }) => name);
/** Those without a topology name their topics where they need them. */
const SOURCES: Readonly<Record<string, string>> = {
  payment: 'services/payment',
  account: 'services/account',
  catalogue: 'services/catalogue',
  bff: 'bff',
};

describe.each(SHEETS.map((sheet) => [sheet.name, sheet] as const))('%s', (_, sheet) => {
  test('has every topic once, and no other', () => {
    expect(namesOf(sheet, 'topic').sort()).toEqual(TOPICS.toSorted());
  });

  test('has the services that run a topology, as such', () => {
    expect(namesOf(sheet, 'topology').sort()).toEqual(hosts.map(({ name }) => name).sort());
  });

  test('has every store, and no other', () => {
    const stores = hosts.flatMap(({ topology }) => topology.stores.map(({ name }) => name));
    expect(boxesOf(sheet, 'store').flatMap(storesIn).sort()).toEqual(stores.sort());
  });

  test('has every box beside the others, not on them', () => {
    const boxes = sheet.boxes.filter(({ kind }) => kind !== 'frame' && !isStep(kind));
    expect([
      ...overlapsOf(boxes),
      ...overlapsOf(sheet.boxes.filter((b) => isStep(b.kind))),
    ]).toEqual([]);
  });

  test('has arrows that go from box to box, across and down', () => {
    const wrong = sheet.arrows.filter(
      ({ from, to, points }) =>
        !isIn(points[0]!, from) || !isIn(points.at(-1)!, to) || points.some(isSlanted),
    );
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe('Overview', () => {
  test('has every service, and no other', () => {
    const drawn = [...namesOf(overview, 'service'), ...namesOf(overview, 'topology')];
    expect(drawn.sort()).toEqual(SERVICES.toSorted());
  });

  test('has an arrow to Kafka for who writes, and one from it for who reads', () => {
    for (const kind of ['writes', 'reads'] as const) {
      const drawn = overview.arrows.filter((a) => a.kind === kind && serviceOf(a).name !== '');
      expect(drawn.map((a) => serviceOf(a).name).sort()).toEqual(
        SERVICES.filter((service) => topicsOf(service, kind).length > 0).sort(),
      );
    }
  });

  test('has databases that `npm start` starts', () => {
    const started = readdirSync(join(ROOT, 'services/launcher/infra/components'));
    const drawn = namesOf(overview, 'database').map((name) => `${name.toLowerCase()}.ts`);
    expect(drawn.filter((file) => !started.includes(file))).toEqual([]);
  });
});

describe('DataFlow', () => {
  test('has services only that write or read something', () => {
    const drawn = [...namesOf(dataFlow, 'service'), ...namesOf(dataFlow, 'topology')];
    const idle = drawn.filter((name) => topicsOf(name, 'reads', 'writes').length === 0);
    expect(idle).toEqual([]);
    expect(SERVICES).toEqual(expect.arrayContaining(drawn));
  });

  test.each(hosts)('has all that $name reads and writes', ({ name, applicationId, topology }) => {
    const named = (nodes: typeof topology.sources | typeof topology.sinks) =>
      [...new Set(nodes.map((node) => topicName(applicationId, node)))].sort();
    expect(topicsOf(name, 'reads')).toEqual(named(topology.sources));
    expect(topicsOf(name, 'writes')).toEqual(named(topology.sinks));
  });

  test.each([
    ['projections', allProjections(settings).flatMap((projection) => projection.topics)],
    [
      'search-indexer',
      Object.values(projectionsFor(settings)).flatMap(({ sources }) =>
        sources.map(({ topic }) => topic),
      ),
    ],
  ])('has all that the %s read', (name, read) => {
    const names = [...new Set(read.map((topic) => topic.name))];
    expect(topicsOf(name, 'reads')).toEqual(names.sort());
    expect(topicsOf(name, 'writes')).toEqual([]);
  });

  test.each(Object.entries(SOURCES))('has the topics that %s names', (name, folder) => {
    expect(topicsOf(name, 'reads', 'writes')).toEqual(topicsNamedIn(folder));
  });

  test.each(hosts)('has what $name keeps', ({ applicationId, topology }) => {
    const stores = topology.stores.map(({ name }) => name);
    const keeps = arrowsOf(dataFlow, 'keeps').filter(({ to }) => stores.includes(to.name));
    const kept = topology.processors.flatMap((node) =>
      storesOf(node).map((store) => `${node.name} ${store}`),
    );
    expect(keeps.map(({ from, to }) => `${from.name} ${to.name}`).sort()).toEqual(kept.sort());

    const logs = arrowsOf(dataFlow, 'logs').filter(({ from }) => stores.includes(from.name));
    expect(logs.map(({ from, to }) => [from.name, to.name + to.lines.join('')])).toEqual(
      stores.map((store) => [store, changelogTopic(applicationId, store)]),
    );
    const texts = dataFlow.boxes.flatMap(({ lines }) => lines).join('\n');
    expect(texts).toContain(deadLetterTopic(applicationId));
  });
});

describe('the files', () => {
  test.each(files())('$kind: it is what is drawn', ({ path, text }) => {
    const isSame = readFileSync(path, 'utf8') === text;
    expect(isSame, 'change docs/drawing/, then: node docs/drawing/write.ts').toBe(true);
  });

  test('for diagrams.net connects cells that are there, each with an id of its own', () => {
    const text = files()[0]!.text;
    const pages = text.split('<diagram ').slice(1);
    expect(pages.map((page) => /name="(\w+)"/.exec(page)?.[1])).toEqual(['Overview', 'DataFlow']);
    for (const page of pages) {
      const ids = [...page.matchAll(/<mxCell id="([^"]+)"/g)].map((match) => match[1]!);
      expect(new Set(ids).size).toBe(ids.length);
      const ends = [...page.matchAll(/ (?:source|target)="([^"]+)"/g)].map((match) => match[1]!);
      expect(ends.filter((end) => !ids.includes(end))).toEqual([]);
    }
  });

  test('are shown in docs/architecture.md', () => {
    const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
    const paths = files().map(({ path }) => path.pathname.split('/docs/').at(-1)!);
    expect(paths.filter((path) => !page.includes(`](${path})`))).toEqual([]);
  });
});

function isStep(kind: BoxKind): boolean {
  return kind.endsWith('-step');
}

/** But for those of the legend, which have no name. */
function boxesOf(sheet: Sheet, kind: BoxKind): Box[] {
  return sheet.boxes.filter((box) => box.kind === kind && box.name !== '');
}

function namesOf(sheet: Sheet, kind: BoxKind): string[] {
  return boxesOf(sheet, kind).map(({ name }) => name);
}

function arrowsOf(sheet: Sheet, kind: ArrowKind): Arrow[] {
  return sheet.arrows.filter((arrow) => arrow.kind === kind && arrow.to.name !== '');
}

/** Of one that shows several at once, by its lines. */
function storesIn({ name, lines }: Box): string[] {
  return lines.length === 0 ? [name] : lines.join(' ').split(', ');
}

function serviceOf({ kind, from, to }: Arrow): Box {
  return kind === 'writes' ? from : to;
}

/** What a service is drawn to read, or to write. */
function topicsOf(service: string, ...kinds: ('reads' | 'writes')[]): string[] {
  const drawn = kinds.flatMap((kind) =>
    arrowsOf(dataFlow, kind)
      .filter((arrow) => serviceOf(arrow).name === service)
      .map(({ from, to }) => (kind === 'writes' ? to.name : from.name)),
  );
  return [...new Set(drawn)].sort();
}

function topicsNamedIn(folder: string): string[] {
  const named = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|(^|\/)testing\//.test(path))
    .map((path) => readFileSync(join(ROOT, folder, path), 'utf8'))
    .flatMap((text) => [
      ...[...text.matchAll(/\btopics\.(\w+)/g)].map((match) => match[1]!),
      ...[...text.matchAll(/\{([^}]*)\} = topics\b/g)].flatMap((match) => match[1]!.split(/\W+/)),
    ]);
  const known = Object.entries(topics).filter(([name]) => named.includes(name));
  return known.map(([, { name }]) => name).sort();
}

function overlapsOf(boxes: readonly Box[]): string[] {
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((b) => `${a.id} and ${b.id}`),
  );
}

function isIn({ x, y }: { x: number; y: number }, box: Box): boolean {
  return x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;
}

function isSlanted({ x, y }: Arrow['points'][number], i: number, points: Arrow['points']): boolean {
  const next = points[i + 1];
  return next !== undefined && next.x !== x && next.y !== y;
}
