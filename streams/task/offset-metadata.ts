/**
 * What is committed with an input's offset, so that event time goes on where it stood wherever the task starts next
 * (Kafka Streams keeps its partition time in the same place).
 */
export interface OffsetMetadata {
  /** Greatest event time read from the partition, epoch ms. */
  readonly maxEventTime: number;
  /** The task's watermark, epoch ms. */
  readonly watermark: number;
}

export const NO_METADATA: OffsetMetadata = { maxEventTime: -Infinity, watermark: -Infinity };

export function encodeOffsetMetadata(metadata: OffsetMetadata): string {
  // A replay that was told to run to the end stands at infinity, which JSON does not have.
  const number = (n: number) => (n === -Infinity ? null : Math.min(n, Number.MAX_SAFE_INTEGER));
  return JSON.stringify({ v: 1, t: number(metadata.maxEventTime), w: number(metadata.watermark) });
}

/** Metadata that is not ours (an offset set by a tool) says nothing. */
export function decodeOffsetMetadata(text: string | null): OffsetMetadata {
  if (!text) return NO_METADATA;
  try {
    const { v, t, w } = JSON.parse(text) as { v?: unknown; t?: unknown; w?: unknown };
    if (v !== 1) return NO_METADATA;
    return {
      maxEventTime: typeof t === 'number' ? t : -Infinity,
      watermark: typeof w === 'number' ? w : -Infinity,
    };
  } catch {
    return NO_METADATA;
  }
}
