/** The shop's topology as a process of its own, told by its parent what time it is. */
import { KafkaStreams } from '#streams';
import { shopTopology } from './shop.ts';
import { SteeredClock } from './steered-clock.ts';

export interface ShopSettings {
  readonly applicationId: string;
  readonly brokers: readonly string[];
  readonly stateDir: string;
  readonly allowedLatenessMs: number;
  readonly sessionTimeoutMs: number;
  /** Where the clock begins, epoch ms. */
  readonly start: number;
}

/** What the parent is told, as often as it sends the time. */
export interface ShopStatus {
  readonly tasks: readonly string[];
  readonly late: number;
  readonly dropped: number;
  readonly deadLetters: number;
  readonly error: string | undefined;
}

const settings = JSON.parse(process.argv[2]!) as ShopSettings;
const clock = new SteeredClock(settings.start);
const app = new KafkaStreams(shopTopology(settings.applicationId), {
  ...settings,
  kafka: { brokers: [...settings.brokers], retry: { retries: 0 } },
  standbyReplicas: 1,
  commitIntervalMs: 1,
  clock,
});
app.start();

process.on('message', (now: number) => {
  clock.moveTo(now);
  const tasks = app.tasks();
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const status: ShopStatus = {
    tasks: tasks.map(({ task }) => task),
    late: sum(tasks.map(({ late }) => late)),
    dropped: sum(tasks.flatMap(({ dropped }) => [...dropped.values()])),
    deadLetters: sum(tasks.flatMap(({ deadLetters }) => [...deadLetters.values()])),
    error: app.error?.stack,
  };
  process.send!(status);
});
process.once('SIGTERM', () => void app.close().then(() => process.disconnect()));
