/** The search with suggestions while typing: a combobox with a list, by the ARIA Authoring Practices. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { callApi } from '../../web/api-client.ts';
import type { Words } from '../../web/i18n.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { moved } from '../suggestion-moves.ts';

const words: Words<{
  label: string;
  placeholder: string;
  search: string;
  suggestions: string;
  found: (n: number) => string;
}> = {
  ja: {
    label: '商品を探す',
    placeholder: '煎茶、湯のみ、手ぬぐい…',
    search: '検索',
    suggestions: '候補',
    found: (n) => `候補が${String(n)}件あります`,
  },
  en: {
    label: 'Search products',
    placeholder: 'Sencha, teacup, tenugui…',
    search: 'Search',
    suggestions: 'Suggestions',
    found: (n) => (n === 1 ? '1 suggestion' : `${String(n)} suggestions`),
  },
};
/** So long nothing is typed before anything is asked for. */
const PAUSE_MS = 150;

interface Suggestion {
  readonly sku: string;
  readonly name: string;
}

export default function SearchBox({ q, category }: { q: string; category: string }) {
  const say = useWords(words);
  const [typed, setTyped] = useState(q);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(typed, isOpen);
  const list = isOpen ? suggestions : [];
  const isShown = list.length > 0;

  const onKeyDown = (event: KeyboardEvent) => {
    // Enter and arrows belong to the conversion while Japanese is being typed.
    if (event.isComposing) return;
    if (event.key === 'Enter' && active >= 0 && list[active] !== undefined) {
      event.preventDefault();
      go(list[active].sku);
    } else if (event.key === 'Escape' && isShown) {
      event.preventDefault();
      close();
    } else {
      const next = moved(event.key, active, list.length);
      if (next === undefined) return;
      event.preventDefault();
      setActive(next);
    }
  };
  const close = () => {
    setOpen(false);
    setActive(-1);
  };

  return (
    <form class="search" role="search" action="/" method="get">
      {category !== '' && <input type="hidden" name="category" value={category} />}
      <input
        class="input search-input"
        type="search"
        name="q"
        role="combobox"
        list={undefined}
        maxLength={200}
        autoComplete="off"
        enterKeyHint="search"
        aria-label={say.label}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls="suggestions"
        aria-activedescendant={isShown && active >= 0 ? `suggestion-${String(active)}` : undefined}
        placeholder={say.placeholder}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={close}
      />
      <button class="button button-primary search-button" aria-label={say.search}>
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none">
          <circle cx="11" cy="11" r="6.5" stroke="currentColor" stroke-width="2" />
          <path d="m16 16 4.5 4.5" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
        </svg>
      </button>
      <ul
        id="suggestions"
        class="suggestions card"
        role="listbox"
        aria-label={say.suggestions}
        hidden={!isShown}
      >
        {list.map(({ sku, name }, i) => (
          <li
            key={sku}
            id={`suggestion-${String(i)}`}
            role="option"
            class="suggestion"
            aria-selected={i === active}
            // The input keeps the focus, and with it the list.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => go(sku)}
          >
            {name}
          </li>
        ))}
      </ul>
      <p role="status" class="visually-hidden">
        {isShown ? say.found(list.length) : ''}
      </p>
    </form>
  );
}

function go(sku: string): void {
  location.assign(`/products/${encodeURIComponent(sku)}`);
}

/** Of what is typed now: an answer to what was typed before is dropped. */
function useSuggestions(typed: string, isWanted: boolean): readonly Suggestion[] {
  const lang = useLang();
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const known = useRef(new Map<string, readonly Suggestion[]>());
  const q = typed.trim();
  useEffect(() => {
    if (!isWanted || q === '') {
      setSuggestions([]);
      return undefined;
    }
    const before = known.current.get(q);
    if (before !== undefined) {
      setSuggestions(before);
      return undefined;
    }
    const asking = new AbortController();
    const timer = setTimeout(() => {
      callApi((path, init) => fetch(path, init), 'GET /api/products/suggest', {
        query: { q, lang },
        signal: asking.signal,
      }).then(
        (answer) => {
          known.current.set(q, answer.suggestions);
          setSuggestions(answer.suggestions);
        },
        // Suggestions are a help: without them, there is still the search.
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [q, isWanted]);
  return suggestions;
}
