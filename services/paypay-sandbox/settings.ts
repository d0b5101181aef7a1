import { z } from 'zod';
import { variables } from '#kit';

const DAY_MS = 86_400_000;

/** The sandbox's own settings; the keys' defaults are those that the shop has for it. */
export const sandboxVariables = {
  PAYPAY_API_KEY: z.string().prefault('sandbox-key'),
  PAYPAY_API_SECRET: z.string().prefault('sandbox-secret'),
  PAYPAY_MERCHANT_ID: z.string().prefault('sandbox-merchant'),
  /** Where webhooks go; none: nowhere. */
  PAYPAY_WEBHOOK_URL: variables.httpUrl().optional(),
  PAYPAY_SANDBOX_CODE_TTL_MS: variables
    .whole(1_000, DAY_MS, 'milliseconds, such as 300000')
    .prefault('300000'),
  /** Where a browser reaches the sandbox; none: where it listens. */
  PAYPAY_SANDBOX_PUBLIC_URL: variables.httpUrl().optional(),
};

export type SandboxSettings = {
  readonly [name in keyof typeof sandboxVariables]: z.output<(typeof sandboxVariables)[name]>;
};
