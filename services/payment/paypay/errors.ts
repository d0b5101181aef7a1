/** The provider has said no: saying the same again changes nothing. */
export class PayPayRefusal extends Error {
  override readonly name = 'PayPayRefusal';
  /** The provider's word, e.g. `DUPLICATE_DYNAMIC_QR_REQUEST`. */
  readonly code: string;
  readonly status: number;

  constructor(call: string, status: number, code: string, message: string | undefined) {
    super(`PayPay refused ${call}: ${code} (${status})${message ? `, ${message}` : ''}`);
    this.code = code;
    this.status = status;
  }
}

/** The provider did not answer, or not what it was asked for: it may have done it all the same. */
export class PayPayUnavailable extends Error {
  override readonly name = 'PayPayUnavailable';
  /** After this it may be asked again, ms; undefined: it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}
