/** The heart of the payment page: three steps that move by themselves, the QR code, and the time that is left. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { OrderMessage } from '../../contract.ts';
import { ApiProblem, callApi } from '../../web/api-client.ts';
import { clock, yen } from '../../web/format.ts';
import { useWords } from '../../web/i18n.ts';
import type { ChannelState } from '../order-channel.ts';
import { OrderChannel } from '../order-channel.ts';
import type { Progress, Stage } from '../progress.ts';
import { isOver, stageOf, stepsOf, withMessage } from '../progress.ts';
import { paymentWords } from '../words/payment.ts';

export interface PaymentProgressProps {
  readonly orderNo: string;
  readonly total: number;
  readonly progress: Progress;
  readonly serverTime: number;
  readonly token: string;
  readonly tokenExpiresAt: number;
  readonly csrf: string;
}

export default function PaymentProgress(props: PaymentProgressProps) {
  const { orderNo, total } = props;
  const say = useWords(paymentWords);
  const { progress, now, channel } = useOrder(props);
  const stage = stageOf(progress, now);
  const { title, text } = say.stages[stage];
  return (
    <div class="payment" data-stage={stage}>
      {!isOver(stage) && <Connection state={channel} orderNo={orderNo} />}
      <Steps stage={stage} />
      <div class="payment-card card">
        <div role="status" class="payment-status">
          <h2>{title}</h2>
          <p>{text}</p>
        </div>
        {stage === 'waiting' && progress.payment !== null && (
          <PayPay
            payment={progress.payment}
            total={total}
            now={now}
            expiresAt={progress.expiresAt}
          />
        )}
        {(stage === 'preparing' || stage === 'confirming' || stage === 'closing') && (
          <p class="payment-busy" aria-hidden="true">
            <span class="dots" />
          </p>
        )}
        {isOver(stage) && <WayOn stage={stage} orderNo={orderNo} csrf={props.csrf} />}
      </div>
    </div>
  );
}

function PayPay({
  payment,
  total,
  now,
  expiresAt,
}: {
  payment: NonNullable<Progress['payment']>;
  total: number;
  now: number;
  expiresAt: number | null;
}) {
  const say = useWords(paymentWords);
  const address = safeAddress(payment.url);
  const isShort = expiresAt !== null && expiresAt - now < 60_000;
  return (
    <div class="paypay">
      <p class="paypay-amount">
        <span class="small soft">{say.amount}</span>
        <strong class="money">{yen(total)}</strong>
      </p>
      <img
        class="paypay-qr"
        width="208"
        height="208"
        alt={say.qrAlt}
        src={`data:image/svg+xml,${encodeURIComponent(payment.qrSvg)}`}
      />
      <p class="small soft paypay-how">{say.scan}</p>
      {address !== null && (
        <a class="button button-primary paypay-open" href={address} rel="noreferrer">
          {say.open}
        </a>
      )}
      {expiresAt !== null && (
        <p class={isShort ? 'countdown countdown-short' : 'countdown'}>
          <span>{say.timeLeft}</span>{' '}
          <strong role="timer" class="time">
            {clock(expiresAt - now)}
          </strong>
        </p>
      )}
    </div>
  );
}

function Steps({ stage }: { stage: Stage }) {
  const say = useWords(paymentWords);
  const states = stepsOf(stage);
  return (
    <ol class="steps" aria-label={say.stepsLabel}>
      {say.steps.map((name, i) => {
        const state = states[i]!;
        return (
          <li
            key={name}
            class={`step step-${state}`}
            aria-current={state === 'current' ? 'step' : undefined}
          >
            <span class="step-mark" aria-hidden="true">
              {MARKS[state] ?? i + 1}
            </span>
            <span>
              {name}
              <span class="visually-hidden"> {say.stepStates[state]}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

const MARKS: Readonly<Record<string, string | undefined>> = { done: '✓', stopped: '×' };

function Connection({ state, orderNo }: { state: ChannelState; orderNo: string }) {
  const say = useWords(paymentWords);
  const next = encodeURIComponent(`/orders/${orderNo}/payment`);
  return (
    <div role="status" class="connection">
      {state === 'lost' && <p class="note note-warn">{say.reconnecting}</p>}
      {state === 'signed-out' && (
        <p class="note note-warn">
          {say.signedOut} <a href={`/sign-in?next=${next}`}>{say.signIn}</a>
        </p>
      )}
    </div>
  );
}

function WayOn({ stage, orderNo, csrf }: { stage: Stage; orderNo: string; csrf: string }) {
  const say = useWords(paymentWords);
  return (
    <div class="actions">
      {stage === 'paid' ? (
        <a class="button button-primary" href={`/orders/${encodeURIComponent(orderNo)}`}>
          {say.toOrder}
        </a>
      ) : (
        <form method="post" action={`/orders/${encodeURIComponent(orderNo)}/again`}>
          <input type="hidden" name="csrf" value={csrf} />
          <button class="button button-primary">{say.toCart}</button>
        </form>
      )}
      <a class="button" href="/">
        {say.goOn}
      </a>
    </div>
  );
}

/** The order as it is known now, and the time by the server's clock. */
function useOrder(props: PaymentProgressProps) {
  const [progress, setProgress] = useState(props.progress);
  const [now, setNow] = useState(props.serverTime);
  const [channel, setChannel] = useState<ChannelState>('connecting');
  /** The server's clock minus this machine's. */
  const skewMs = useRef(0);
  const isDone = isOver(stageOf(progress, now));

  useEffect(() => {
    // Until the first message: from when the page was answered.
    const answeredAt = performance.timeOrigin + (navigation()?.responseStart ?? 0);
    skewMs.current = props.serverTime - answeredAt;
    const tick = () => setNow(Date.now() + skewMs.current);
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, []);

  useEffect(() => {
    if (isDone) return undefined;
    const live = new OrderChannel({
      open: (token) => openSocket(props.orderNo, token),
      freshToken: () => freshToken(props.orderNo, props.csrf),
      onMessage: (message: OrderMessage) => {
        if ('serverTime' in message) skewMs.current = message.serverTime - Date.now();
        setProgress((before) => withMessage(before, message));
      },
      onState: setChannel,
      random: Math.random,
      later: (run, ms) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
    const isFresh = Date.now() + skewMs.current < props.tokenExpiresAt;
    // A page out of the browser's history has used its token before.
    live.start(isFresh && navigation()?.type !== 'back_forward' ? props.token : null);
    const hurry = () => live.hurry();
    const lose = () => live.lose();
    window.addEventListener('online', hurry);
    window.addEventListener('offline', lose);
    document.addEventListener('visibilitychange', hurry);
    return () => {
      live.stop();
      window.removeEventListener('online', hurry);
      window.removeEventListener('offline', lose);
      document.removeEventListener('visibilitychange', hurry);
    };
  }, [isDone]);

  return { progress, now, channel };
}

function navigation(): PerformanceNavigationTiming | undefined {
  return performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
}

function openSocket(orderNo: string, token: string): WebSocket {
  const url = new URL(`/ws/orders/${encodeURIComponent(orderNo)}`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('token', token);
  return new WebSocket(url);
}

async function freshToken(orderNo: string, csrf: string): Promise<string | null> {
  try {
    const name = 'POST /api/orders/{orderNo}/channel';
    const answer = await callApi((path, init) => fetch(path, init), name, {
      params: { orderNo },
      csrf,
    });
    return answer.channelToken;
  } catch (error) {
    const status = error instanceof ApiProblem ? error.status : 0;
    if (status === 401 || status === 403 || status === 404) return null;
    throw error;
  }
}

/** Nothing but a page or the provider's app is opened. */
function safeAddress(url: string): string | null {
  return /^(https?|paypay):\/\//i.test(url) ? url : null;
}
