/** A number or an id that is copied with one click. Without script it is only text. */
import { useEffect, useState } from 'preact/hooks';
import type { Words } from '../i18n.ts';
import { useWords } from '../i18n.ts';

const words: Words<{ copy: string; copied: string }> = {
  ja: { copy: 'コピー', copied: 'コピーしました' },
  en: { copy: 'Copy', copied: 'Copied' },
};
const SHOWN_MS = 2000;

export default function Copyable({ text }: { text: string }) {
  const say = useWords(words);
  const [isAlive, setAlive] = useState(false);
  const [isCopied, setCopied] = useState(false);
  useEffect(() => setAlive(typeof navigator.clipboard === 'object'), []);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      // Not allowed: the text can still be selected.
      () => setAlive(false),
    );
  };
  return (
    <span class="copyable">
      <code class="mono">{text}</code>
      {isAlive && (
        <button type="button" class="button button-quiet button-small" onClick={copy}>
          <span role="status">{isCopied ? say.copied : say.copy}</span>
          <span class="visually-hidden"> {text}</span>
        </button>
      )}
    </span>
  );
}
