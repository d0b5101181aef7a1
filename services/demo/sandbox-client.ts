/** The switches of the provider's sandbox. @throws when it does not do what it is told, with its words */
export class SandboxClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
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

  async #ask(method: string, path: string, body?: object): Promise<void> {
    const answer = await fetch(new URL(path, this.#url), {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`the sandbox answered ${method} ${path} with ${answer.status}: ${text}`);
  }
}
