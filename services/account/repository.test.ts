import { memoryAccounts } from './testing/memory-repository.ts';
import { repositorySuite } from './testing/repository-suite.ts';

repositorySuite('in memory', () => Promise.resolve(memoryAccounts()));
