/**
 * Runs in a page: visible texts whose colour is too near to that of their ground (WCAG 2.2, 1.4.3: 4.5), and how many
 * there are in all.
 */
(() => {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    const color = element ? getComputedStyle(element).backgroundColor : 'rgb(255, 255, 255)';
    return channels(color)[3] === 0 && element ? groundOf(element.parentElement) : color;
  };
  const weak = [];
  let texts = 0;
  const judge = (text, color, element) => {
    texts += 1;
    const [low, high] = [luminance(color), luminance(groundOf(element))].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5)
      weak.push(`${ratio.toFixed(2)} ${element.tagName} ${element.className}: ${text.slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const [element, text] = [node.parentElement, node.textContent.trim()];
    if (text !== '' && element.checkVisibility()) judge(text, getComputedStyle(element).color, element);
  }
  for (const input of document.querySelectorAll('input[placeholder]'))
    judge('placeholder', getComputedStyle(input, '::placeholder').color, input);
  return { texts, weak };
})();
