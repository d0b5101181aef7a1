const ATTEMPTS = 60;
const PAUSE_MS = 500;

/** The switches of the provider's sandbox. @throws when it does not do what it is told, with its words */
export class SandboxClient {
  readonly #url: string;

  readonly #sleep: (ms: number) => Promise<void>;

  constructor(url: string, sleep: (ms: number) => Promise<void>) {
    this.#url = url;
    this.#sleep = sleep;
  }

  setFaults(orderNo: string, faults: object): Promise<void> {
    return this.#ask('PUT', `/sandbox/faults/orders/${encodeURIComponent(orderNo)}`, faults);
  }

  clearFaults(orderNo: string): Promise<void> {
    return this.#ask('DELETE', `/sandbox/faults/orders/${encodeURIComponent(orderNo)}`);
  }

  act(merchantPaymentId: string, what: 'pay' | 'decline' | 'expire'): Promise<void> {
    const path = `/sandbox/payments/${encodeURIComponent(merchantPaymentId)}/${what}`;
    return this.#ask('POST', path);
  }

  /** A sandbox that is just started again is waited for; what it did before it could answer is done. */
  async #ask(method: string, path: string, body?: object): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#askOnce(method, path, body, attempt > 1);
        return;
      } catch (error) {
        if (!(error instanceof TypeError) || attempt === ATTEMPTS) throw error;
        await this.#sleep(PAUSE_MS);
      }
    }
  }

  async #askOnce(
    method: string,
    path: string,
    body: object | undefined,
    isRepeated: boolean,
  ): Promise<void> {
    const answer = await fetch(new URL(path, this.#url), {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    const isDoneBefore = isRepeated && answer.status === 409;
    if (!answer.ok && !isDoneBefore)
      throw new Error(`the sandbox answered ${method} ${path} with ${answer.status}: ${text}`);
  }
}
