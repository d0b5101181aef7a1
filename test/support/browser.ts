import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { canInstall, installPackages } from '../../services/launcher/infra/native/apt.ts';
import { findProgram } from '../../services/launcher/infra/native/programs.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];
/** With a font that has Japanese. */
const PACKAGES = [['chromium', 'chromium-browser'], ['fonts-noto-cjk']];

/**
 * The system's Chromium without a screen; installed first where it is missing and that can be done without asking.
 * @throws naming what is to be installed
 */
export async function startBrowser(): Promise<Browser> {
  if (findProgram(PROGRAMS) === undefined && canInstall())
    await installPackages(PACKAGES, (detail) => process.stderr.write(`browser: ${detail}\n`));
  const executablePath = findProgram(PROGRAMS);
  if (executablePath === undefined)
    throw new Error('no Chromium is installed: install chromium and a Japanese font');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** What axe finds on a page that is serious or worse, in words. @see https://github.com/dequelabs/axe-core */
export async function seriousFaults(page: Page): Promise<string[]> {
  // As a debugger does: the page itself takes no scripts but its own.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
    awaitPromise: true,
    returnByValue: true,
  });
  const violations = JSON.parse(String(result.value)) as Violation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}
