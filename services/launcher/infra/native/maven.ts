import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cached, cacheFolder } from '../../bootstrap/cache.mjs';
import { withLock } from '../../bootstrap/lock.mjs';
import { baseEnv } from '../base-env.ts';
import type { Component, ComponentContext } from '../types.ts';

/** How each component that Maven brings is described and laid out. */
const SOURCES: Partial<Record<Component, { pom: string; goal: string }>> = {
  kafka: { pom: 'kafka.pom.xml', goal: 'dependency:copy-dependencies' },
  registry: { pom: 'registry.pom.xml', goal: 'dependency:unpack-dependencies' },
  elasticsearch: { pom: 'elasticsearch.pom.xml', goal: 'dependency:unpack-dependencies' },
};

/** Whether the component needs no download: it is in the cache, or does not come from Maven. */
export function isCached(component: Component): boolean {
  const source = SOURCES[component];
  return !source || existsSync(path.join(cacheFolder(), cacheName(component, source.pom)));
}

/** The folder with the component's software, downloaded first when the cache hasn't got it. */
export async function fromMaven(component: Component, context: ComponentContext): Promise<string> {
  const source = SOURCES[component];
  if (!source) throw new Error(`${component} does not come from Maven.`);
  return cached(cacheName(component, source.pom), async (folder) => {
    context.note('waiting for its turn to download');
    // Several Mavens at once would write the same files of their common repository.
    await withLock(path.join(cacheFolder(), 'maven.lock'), () =>
      download(path.join(import.meta.dirname, source.pom), source.goal, folder, context),
    );
  });
}

function cacheName(component: Component, pom: string): string {
  const text = readFileSync(path.join(import.meta.dirname, pom), 'utf8');
  return `${component}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

async function download(
  pom: string,
  goal: string,
  folder: string,
  context: ComponentContext,
): Promise<void> {
  const work = mkdtempSync(path.join(tmpdir(), 'kafka-alert-maven-'));
  try {
    context.note('downloading');
    // In a folder of its own: Maven leaves a `target` behind beside the pom.xml.
    copyFileSync(pom, path.join(work, 'pom.xml'));
    // Not in batch mode: only then does Maven tell how far it is.
    const args = ['-Dstyle.color=never', goal, `-DoutputDirectory=${folder}`];
    await context.run(context.tools.maven, args, {
      cwd: work,
      env: { ...baseEnv(), ...mavenSettings() },
      hint: "Is Maven's central repository reachable (settings.xml: mirrors, proxies)? Then try again.",
      onLine: (line) => {
        const progress = parseProgress(line);
        if (progress !== undefined) context.note(`downloading ${progress}`);
      },
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What a person has set for his Maven, such as a proxy. */
function mavenSettings(): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => /^(MAVEN_|M2_|JAVA_HOME$)/.test(name));
  return Object.fromEntries(own) as Record<string, string>;
}

/** What Maven says on its progress, `Progress (2): 1.2/43 MB | 12 kB`, in short: `1.2/43 MB`. */
export function parseProgress(line: string): string | undefined {
  const parts = /^Progress \(\d+\): (.*)$/.exec(line.trim())?.[1]?.split('|');
  const open = parts?.map((part) => part.trim()).filter((part) => part.includes('/'));
  // The biggest is what one waits for.
  return open?.sort((a, b) => bytesIn(b) - bytesIn(a))[0];
}

function bytesIn(progress: string): number {
  const [, total = '0', unit = 'B'] = /\/([\d.]+) (\w+)/.exec(progress) ?? [];
  return Number(total) * ({ B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1);
}
