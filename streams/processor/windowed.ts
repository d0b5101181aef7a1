/** A span of event time, epoch ms: from `start` on, up to `end` and without it. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** A key in one window. */
export interface Windowed<K> {
  readonly key: K;
  readonly window: Window;
}
