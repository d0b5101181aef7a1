import type { Launch } from '../keeper/messages.ts';
import type { Tools } from './native/tools.ts';

export const COMPONENTS = ['kafka', 'registry', 'mysql', 'redis', 'elasticsearch'] as const;
export type Component = (typeof COMPONENTS)[number];
/** One process: a component, or one of its several, such as the broker `kafka-2`. */
export type NodeName = Component | `${Component}-${number}`;

/** Something that a person who waits wants to know. `detail` is one or several lines of text. */
export interface Progress {
  component: string;
  state: 'waiting' | 'installing' | 'starting' | 'ready' | 'stopping' | 'stopped' | 'died';
  detail?: string;
}
export type Report = (event: Progress) => void;

/** What the components are started for: tests want a quick start, `npm start` a good throughput. */
export type Purpose = 'start' | 'test';

export interface ComponentContext {
  /** The process's own folder, an absolute path; it exists. */
  folder: string;
  logFile: string;
  /** Which of the component's processes it is: 1 is the first. */
  node: number;
  /** Of each of the component's processes the free ports, as many as the component's definition asks for. */
  cluster: readonly (readonly number[])[];
  /** Its own ports. */
  ports: readonly number[];
  purpose: Purpose;
  tools: Tools;
  /** Settings of the component's own configuration that take precedence. */
  overrides: Readonly<Record<string, string>>;
  /** Runs a program that prepares something to its end; throws with its last words when it fails. */
  run(file: string, args: readonly string[], options?: RunOptions): Promise<void>;
  /** A line on what takes its time. */
  note(detail: string): void;
  /** Has a path that is outside of the data folder removed when the data folder is temporary. */
  alsoTemporary(path: string): void;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** What to do when it fails. */
  hint?: string;
  /** Gets its last line whenever it has said something. */
  onLine?: (line: string) => void;
}

/** How one component is run. */
export interface Plan {
  /** Makes its files; finds those of an earlier run and leaves them. */
  prepare(): Promise<void>;
  launch: Launch;
  /** Whether it answers as it should; may throw as long as it doesn't. */
  isReady(): Promise<boolean>;
  /** The settings that lead clients to it, by the names of environment variables. */
  addresses: Record<string, string>;
}

export interface ComponentDefinition {
  name: Component;
  /** Whom a person reads about. */
  title: string;
  /** The ports that `npm start` would like to have for one process: the first is the one that clients know. */
  preferredPorts: readonly number[];
  /** Gets the software, when it is not in the cache yet, and says how to run one process of it. */
  plan(context: ComponentContext): Promise<Plan> | Plan;
}
