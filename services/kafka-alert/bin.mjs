#!/usr/bin/env node
// `npx kafka-alert`: any Node.js from 20 on, also on a bare clone.
import path from 'node:path';
import { ROOT, fail, runOnNode24 } from '../launcher/bootstrap-lib.mjs';

const cli = path.join(ROOT, 'services/kafka-alert/cli/main.ts');
await runOnNode24(cli, process.argv.slice(2)).catch(fail);
