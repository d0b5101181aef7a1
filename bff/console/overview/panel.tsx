import type { ComponentChildren } from 'preact';
import { useWords } from '../../web/i18n.ts';
import type { Tone } from '../parts/badges.tsx';
import { Badge } from '../parts/badges.tsx';
import { overviewWords } from './words.ts';

/** A question about the system with its answer: how it is, the numbers, and what would be normal. */
export function Panel({
  id,
  title,
  normal,
  state,
  isWide = false,
  children,
}: {
  id: string;
  title: string;
  normal: string;
  state?: { readonly tone: Tone; readonly word: string };
  isWide?: boolean;
  children: ComponentChildren;
}) {
  const say = useWords(overviewWords);
  return (
    <section class={`panel${isWide ? ' panel-wide' : ''}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {state && <Badge tone={state.tone}>{state.word}</Badge>}
      </div>
      {children}
      <p class="normal soft small">
        {say.normal}
        {normal}
      </p>
    </section>
  );
}
