import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pictureOf } from './picture.ts';

const CATEGORIES = [
  'tea',
  'coffee',
  'sweets',
  'ceramics',
  'kitchen',
  'stationery',
  'textiles',
  'bath',
  'lighting',
  'books',
];

const anyProduct = fc.record({
  sku: fc.string({ unit: 'binary', minLength: 1 }),
  category: fc.oneof(fc.constantFrom(...CATEGORIES), fc.string(), fc.constant('__proto__')),
  name: fc.string({ unit: 'binary', maxLength: 200 }),
});

test('is well-formed and small, whatever the product is called', () => {
  fc.assert(
    fc.property(anyProduct, (product) => {
      const svg = pictureOf(product);
      expect(faultOf(svg)).toBeUndefined();
      expect(Buffer.byteLength(svg)).toBeLessThan(2048);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }),
  );
});

test('is the same every time, and does not depend on the title', () => {
  fc.assert(
    fc.property(anyProduct, fc.string(), (product, title) => {
      expect(pictureOf(product)).toBe(pictureOf({ ...product }));
      expect(drawing(pictureOf({ ...product, title }))).toBe(drawing(pictureOf(product)));
    }),
  );
});

test('is known by heart: what is cached stays right', () => {
  expect(
    pictureOf({ sku: 'X-1', category: 'unheard-of', name: 'Something' }),
  ).toMatchInlineSnapshot(
    `"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" role="img"><title>Something</title><rect x="0" y="0" width="400" height="300" fill="#eceadc"/><rect x="0" y="218" width="400" height="82" fill="#dedac2"/><g transform="translate(-24 -28.8) scale(1.1)"><g opacity="0.1"><ellipse cx="206" cy="241" rx="104" ry="9" fill="#000"/></g><rect x="118" y="142" width="164" height="98" rx="2" fill="#f7f4ee"/><rect x="110" y="122" width="180" height="30" rx="3" fill="#b77e8d"/><rect x="192" y="122" width="16" height="118" fill="#bf7d96"/><path d="M200 122Q160 84 158 110Q160 122 200 122Q240 122 242 110Q240 84 200 122" fill="none" stroke="#bf7d96" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/></g></svg>"`,
  );
});

test('has a title for those who do not see it, escaped', () => {
  const svg = pictureOf({
    sku: 'A',
    category: 'tea',
    name: 'Tea',
    title: '<b>茶</b> & "cup"\u0000',
  });
  expect(svg).toContain('<title>&lt;b&gt;茶&lt;/b&gt; &amp; "cup"</title>');
});

test('a long title is cut', () => {
  const svg = pictureOf({ sku: 'A', category: 'tea', name: 'Tea', title: '&'.repeat(500) });
  expect(Buffer.byteLength(svg)).toBeLessThan(2048);
});

test.each([
  ['ceramics', 'Mug, blue glaze', 'Mug, white glaze'],
  ['textiles', 'Imabari face towel, white', 'Imabari face towel, navy'],
  ['ceramics', 'Small plate, white', 'Small plate, indigo stripes'],
])('%s: %s and %s differ by more than chance', (category, one, other) => {
  const [a, b] = [one, other].map((name) => drawing(pictureOf({ sku: 'SAME', category, name })));
  expect(a).not.toBe(b);
});

test('a word of the title decides nothing about a book', () => {
  const [a, b] = ['White', 'Black'].map((name) =>
    drawing(pictureOf({ sku: 'SAME', category: 'books', name })),
  );
  expect(a).toBe(b);
});

function drawing(svg: string): string {
  return svg.replace(/<title>.*<\/title>/s, '');
}

/** What is wrong with it as XML of the few kinds of tokens that a picture has; undefined when nothing is. */
function faultOf(xml: string): string | undefined {
  const open: string[] = [];
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)(\/?)>|([^<&]|&(?:amp|lt|gt);)/uy;
  let at = 0;
  while (at < xml.length) {
    token.lastIndex = at;
    const found = token.exec(xml);
    if (!found) return `at ${String(at)}: ${xml.slice(at, at + 30)}`;
    at = token.lastIndex;
    const [, closes, name, attributes = '', closed] = found;
    if (name === undefined) continue;
    const names = [...attributes.matchAll(/([a-zA-Z-]+)="/g)].map((match) => match[1]);
    if (new Set(names).size < names.length) return `${name} has an attribute twice`;
    if (closes) {
      if (open.pop() !== name) return `</${name}> closes something else`;
      if (open.length === 0 && at < xml.length) return 'there is more behind the root';
    } else if (!closed) open.push(name);
  }
  return open.length > 0 ? `${open.join()} is not closed` : undefined;
}
