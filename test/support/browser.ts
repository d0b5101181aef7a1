import { chromium, type Browser } from 'playwright-core';
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
