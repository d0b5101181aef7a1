import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { jsonSerde, KafkaStreams, StreamsBuilder, type Topic } from '#streams';
import { main } from '../../services/kafka-alert/cli/main.ts';
import { fakeIo } from '../../services/kafka-alert/cli/testing/fake-io.ts';
import { eventually, TestKafka } from '../support/kafka.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Job {
  readonly id: string;
  readonly isBad?: boolean;
}

const JOBS = 3000;
const root = new URL('../../', import.meta.url).pathname;

test('dead letters are listed, and sent back once each, also when that is killed on the way', async () => {
  await using kafka = await TestKafka.open(1);
  await using state = await temporaryFolder();
  const jobs: Topic<Job> = {
    name: `${kafka.name}-jobs`,
    value: jsonSerde(),
    keyOf: ({ id }) => id,
  };
  const done: Topic<Job> = { ...jobs, name: `${kafka.name}-done` };
  const topics = [jobs, done].map(({ name }) => ({ topic: name, numPartitions: 3 }));
  await kafka.admin.createTopics({ waitForLeaders: true, topics });
  const env = { ...kafka.env, PATH: process.env['PATH']! };
  const run = async (...args: string[]) => {
    const io = fakeIo({ env });
    const code = await main(['dead-letters', ...args], io);
    const lines = io.written.out.split('\n').filter((line) => line !== '');
    return { code, err: io.written.err, letters: lines.map((l) => JSON.parse(l) as Letter) };
  };
  /** Runs the application until it has read everything. */
  const work = async (isMended: boolean) => {
    const builder = new StreamsBuilder('jobs');
    builder
      .stream(jobs)
      .peek((job) => {
        if (job.isBad ?? !isMended) throw new Error(job.isBad ? 'can never work' : 'not yet');
      })
      .to(done);
    const app = new KafkaStreams(builder.build(), {
      applicationId: kafka.name,
      kafka: { brokers: kafka.env['KAFKA_BROKERS']!.split(',') },
      stateDir: state.path,
    });
    app.start();
    await eventually('everything to be read', () => {
      if (app.error) throw app.error;
      const tasks = app.tasks();
      return tasks.length === 3 && tasks.every(({ caughtUp }) => caughtUp);
    });
    await app.close();
  };

  const values = Array.from({ length: JOBS }, (_, i): Job => ({ id: `job-${i}` }));
  const bad: Job = { id: 'bad', isBad: true };
  const write = [...values.slice(0, 1000), bad, ...values.slice(1000)];
  await kafka.write(
    write.map((job) => ({ topic: jobs as never, key: job.id, value: jobs.value.encode(job) })),
  );
  await work(false);

  const listed = await run();
  expect([listed.code, listed.letters.length]).toEqual([0, JOBS + 1]);
  expect(listed.letters[0]).toMatchObject({ topic: jobs.name, kind: 'process', attempts: 0 });
  const rare = await run('--requeue', '--dry-run', '--reason', 'CAN NEVER');
  expect(rare.letters.map(({ key }) => key)).toEqual(['bad']);
  expect(rare.err).toContain('1 would be sent back');
  expect((await run('--limit', '7', '--topic', jobs.name)).letters).toHaveLength(7);
  expect((await run('--topic', 'other')).letters).toEqual([]);

  const child = spawn(
    process.execPath,
    ['services/kafka-alert/cli/main.ts', 'dead-letters', '--requeue', '--reason', 'not yet'],
    { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await exit;
  const first = (await kafka.readAll(jobs.name)).length;
  expect(first).toBeGreaterThan(JOBS + 1);
  expect(first).toBeLessThan(2 * JOBS + 1);

  const rest = await run('--requeue', '--reason', 'not yet');
  expect(rest.code).toBe(0);
  const returned = (await kafka.readAll(jobs.name)).filter(
    ({ headers }) => headers['__streams.requeue.attempts']?.toString() === '1',
  );
  expect(returned.map(({ key }) => String(key)).sort()).toEqual(values.map(({ id }) => id).sort());
  expect((await run()).letters.map(({ key }) => key)).toEqual(['bad']);

  await work(true);
  const results = await kafka.readAll(done.name);
  expect(results.map(({ key }) => String(key)).sort()).toEqual(values.map(({ id }) => id).sort());
  expect(await run('--requeue')).toMatchObject({ code: 0, letters: [{ key: 'bad' }] });
  await work(true);
  expect((await run()).letters).toMatchObject([{ key: 'bad', attempts: 1 }]);
});

interface Letter {
  readonly topic: string;
  readonly key: string;
  readonly kind: string;
  readonly attempts: number;
}
