import { expect, test } from 'vitest';
import { describeMissing } from './tools.ts';

test('what is missing is named together with what installs it', () => {
  const text = describeMissing({
    what: 'Redis (redis-server)',
    packages: ['redis-server'],
    advice: 'install Redis 6 or later',
  });
  expect(text).toMatch(
    /^Redis \(redis-server\): (sudo apt-get install redis-server; or )?install Redis/,
  );
});
