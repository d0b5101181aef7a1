import { expect, test } from 'vitest';
import { eventually, TestKafka } from '../support/kafka.ts';
import { inputRecords } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { traffic } from '../support/traffic.ts';

test('any instance answers for any order; a standby when the owner is gone, until it is the owner', async () => {
  await using kafka = await TestKafka.open(4);
  await using folderA = await temporaryFolder();
  await using folderB = await temporaryFolder();
  const env = { ...kafka.env, COMMIT_INTERVAL_MS: '1', STANDBY_REPLICAS: '1' };
  await using first = await ServiceProcess.start({ ...env, STATE_DIR: folderA.path });
  await using second = await ServiceProcess.start({ ...env, STATE_DIR: folderB.path });
  await shared(first, second);

  const records = [...traffic(40, 45, { start: Date.now(), speed: 100 })];
  const orders = [...new Set(records.map(({ value }) => value.orderNo))];
  await kafka.write(inputRecords(records, kafka.topics));
  await eventually('everything to be committed', async () => {
    const { committed, end } = await kafka.progress();
    return committed === end;
  });

  // Both say the same of every order, and each has some of them.
  const owners = new Map<string, string>();
  for (const orderNo of orders) {
    // The group knows of a commit a moment before the owner's disk does.
    const [ofFirst, ofSecond] = await eventually(`${orderNo} to be known`, async () => {
      const answers = await Promise.all([first.order(orderNo), second.order(orderNo)]);
      return answers.every(({ status }) => status === 200) && answers;
    });
    expect(ofFirst.body.timelines).toHaveLength(1);
    const { host, isActive, lag } = ofFirst.body.answeredBy;
    expect([isActive, lag, ofSecond.body.answeredBy.host]).toEqual([true, 0, host]);
    owners.set(orderNo, host);
  }
  expect(new Set(owners.values())).toEqual(new Set([first.address, second.address]));
  for (const service of [first, second]) expect((await service.order('ORD-NO')).status).toBe(404);

  const lost = orders.filter((orderNo) => owners.get(orderNo) === first.address);
  await first.end('SIGKILL');
  const refused = await second.order(lost[0]!);
  expect([refused.status, refused.retryAfter]).toEqual([503, '1']);
  expect(refused.body.detail).toMatch(`${first.address}: fetch failed`);
  for (const orderNo of lost) {
    // It may have looked for the last time before the last commit.
    const stale = await eventually(`the standby to have ${orderNo}`, async () => {
      const answer = await second.order(orderNo, { allowStale: true });
      return answer.status === 200 && answer;
    });
    expect(stale.body.answeredBy).toMatchObject({ host: second.address, isActive: false });
  }

  await eventually('the takeover', async () => (await second.tasks()).length === 4);
  for (const orderNo of orders) {
    const { host, isActive } = (await second.order(orderNo)).body.answeredBy;
    expect([host, isActive]).toEqual([second.address, true]);
  }
});

test('an instance that is started again at another address is found there', async () => {
  await using kafka = await TestKafka.open(2);
  await using folderA = await temporaryFolder();
  await using folderB = await temporaryFolder();
  await using first = await ServiceProcess.start({ ...kafka.env, STATE_DIR: folderA.path });
  await using former = await ServiceProcess.start({ ...kafka.env, STATE_DIR: folderB.path });
  await eventually('a task each', async () => {
    const tasks = await Promise.all([first.tasks(), former.tasks()]);
    return tasks.every((each) => each.length === 1);
  });
  const records = [...traffic(20, 46, { start: Date.now(), speed: 100 })];
  await kafka.write(inputRecords(records, kafka.topics));
  await eventually('everything to be committed', async () => {
    const { committed, end } = await kafka.progress();
    return committed === end;
  });
  await former.end('SIGKILL');
  // Within its session, and over the same state: as the member that it was, without a rebalance of its own.
  await using second = await ServiceProcess.start({ ...kafka.env, STATE_DIR: folderB.path });
  expect(second.address).not.toBe(former.address);
  const orders = [...new Set(records.map(({ value }) => value.orderNo))];
  const hosts = await eventually('every order to be found again', async () => {
    const answers = await Promise.all(orders.map((orderNo) => first.order(orderNo)));
    if (answers.some(({ status }) => status !== 200)) return false;
    const found = new Set(answers.map(({ body }) => body.answeredBy.host));
    // Where starting takes longer than a session, the first one has had them all meanwhile.
    return found.has(second.address) && found;
  });
  expect(hosts).toEqual(new Set([first.address, second.address]));
});

/** Waits until both have two tasks, and warm replicas of the other two. */
function shared(...services: ServiceProcess[]): Promise<true> {
  return eventually('two tasks and two replicas each', async () => {
    const tasks = await Promise.all(services.map((service) => service.tasks()));
    const standbys = await Promise.all(services.map((service) => service.warmStandbys()));
    return [...tasks, ...standbys].every((each) => each.length === 2);
  });
}
