import type { ModelBroker } from './broker/model-broker.ts';
import type { Api, Fate, FaultPoint, Faults } from './faults.ts';
import type { Action, Profile } from './profile.ts';
import { ACTIONS } from './profile.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimProcess } from './sim-process.ts';
import type { Trace } from './trace.ts';

/** What the nemesis can do to the instances. */
export interface Victims {
  kill(process: SimProcess, disk: 'kept' | 'lost' | 'behind' | 'foreign'): void;
  startAnother(): void;
  /** Gracefully, when others are left. */
  stop(process: SimProcess): void;
}

/** After a connection that broke, and after silence. */
const NOTICED_MS = 2;
const REQUEST_TIMEOUT_MS = 1500;
/** Requests that are sent all the time; what is rare is worth more attention. */
const ROUTINE = new Set<Api>(['fetch', 'heartbeat', 'metadata']);
const ROUTINE_SHARE = 0.05;

/** Makes things go wrong, as the seed has it, until told to stop. */
export class Nemesis implements Faults {
  readonly #profile: Profile;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #trace: Trace;
  readonly #left: Record<Action, number>;
  #isCalm = false;
  #broker: ModelBroker | undefined;
  #victims: Victims | undefined;

  constructor(profile: Profile, random: Random, scheduler: Scheduler, trace: Trace) {
    this.#profile = profile;
    this.#random = random;
    this.#scheduler = scheduler;
    this.#trace = trace;
    this.#left = { ...profile.budget };
  }

  /** What it may hit; and when, besides the points at which it is asked. */
  begin(broker: ModelBroker, victims: Victims, processes: () => readonly SimProcess[]): void {
    this.#broker = broker;
    this.#victims = victims;
    for (const action of ACTIONS) {
      for (let i = 0; i < this.#profile.budget[action]; i++) {
        this.#scheduler.after(this.#random.int(0, this.#profile.faultsMs), () => {
          const alive = processes();
          if (alive.length > 0) this.#act(action, this.#random.pick(alive));
        });
      }
    }
  }

  /** Nothing goes wrong any more. */
  end(): void {
    this.#isCalm = true;
  }

  strike(point: FaultPoint, process: SimProcess): void {
    if (this.#isCalm || !this.#random.chance(this.#profile.strike * shareOf(point))) return;
    const possible = ACTIONS.filter((action) => this.#left[action] > 0);
    if (possible.length > 0) this.#act(this.#random.pick(possible), process);
  }

  fate(api: Api): Fate {
    const { loss, slow, slowMs } = this.#profile;
    const random = this.#random;
    if (this.#isCalm)
      return {
        sendMs: random.int(0, 1),
        answerMs: random.int(0, 1),
        loss: 'none',
        lossMs: 0,
        lateMs: 0,
      };
    const delay = () => (random.chance(slow) ? random.int(0, slowMs) : random.int(0, 2));
    const share = api === 'fetch' ? 0.3 : 1;
    return {
      sendMs: delay(),
      answerMs: delay(),
      loss: random.chance(loss * share) ? random.pick(['request', 'answer', 'late']) : 'none',
      lossMs: random.pick([NOTICED_MS, NOTICED_MS, REQUEST_TIMEOUT_MS]),
      lateMs: random.skewed(1, 3000),
    };
  }

  fetchLimit(): number {
    return this.#isCalm ? 500 : this.#random.int(1, this.#profile.fetchLimit);
  }

  isCrowdedOut(): boolean {
    return !this.#isCalm && this.#random.chance(this.#profile.crowded);
  }

  isMetadataStale(): boolean {
    return !this.#isCalm && this.#random.chance(0.1);
  }

  markerDelayMs(): number {
    return this.#isCalm ? 1 : this.#random.skewed(0, this.#profile.markerMs);
  }

  openDelayMs(): number {
    return this.#isCalm ? 1 : this.#random.skewed(1, this.#profile.openMs);
  }

  isRegistryAway(): boolean {
    return !this.#isCalm && this.#random.chance(this.#profile.registryAway);
  }

  isSecretive(): boolean {
    return this.#random.chance(0.3);
  }

  #act(action: Action, process: SimProcess): void {
    const broker = this.#broker;
    const victims = this.#victims;
    if (this.#isCalm || this.#left[action] === 0 || process.isDead || !broker || !victims) return;
    this.#left[action]--;
    this.#trace.add('fault', () => `${action} (${process.name})`);
    const { cluster } = broker;
    switch (action) {
      case 'kill':
        victims.kill(process, 'kept');
        return;
      case 'kill-disk-lost':
        victims.kill(process, 'lost');
        return;
      case 'kill-disk-behind':
        victims.kill(process, 'behind');
        return;
      case 'kill-disk-foreign':
        victims.kill(process, 'foreign');
        return;
      case 'disk-failure':
        process.hasDiskFailure = true;
        return;
      case 'fence':
        broker.fence(this.#random);
        return;
      case 'pause':
        process.pausedUntil = this.#scheduler.now + this.#pauseMs();
        return;
      case 'cut-off':
        process.cutOffUntil = this.#scheduler.now + this.#pauseMs();
        return;
      case 'join':
        victims.startAnother();
        return;
      case 'leave':
        victims.stop(process);
        return;
      case 'move-leader':
        cluster.moveLeader(this.#random.pick(cluster.logs));
        return;
      case 'move-coordinator':
        if (cluster.coordinated.length > 0)
          cluster.moveCoordinator(this.#random.pick(cluster.coordinated));
        return;
      case 'broker-away':
        cluster.takeAway(this.#random.pick(cluster.brokers), this.#random.int(50, 3000));
        return;
      case 'compact':
        for (const log of cluster.logs) if (log.topic.endsWith('-changelog')) log.compact();
    }
  }

  /** Below and beyond the session: unnoticed, and taken for dead. */
  #pauseMs(): number {
    return Math.floor(
      this.#profile.streams.sessionTimeoutMs * this.#random.pick([0.3, 0.8, 1.2, 2]),
    );
  }
}

function shareOf(point: FaultPoint): number {
  if (point.at === 'clear') return 20;
  if (point.at !== 'sent' && point.at !== 'executed') return 3;
  return ROUTINE.has(point.api) ? ROUTINE_SHARE : 1;
}
