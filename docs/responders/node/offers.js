'use strict';

// What is offered: the part to replace. It knows nothing of how requests come and replies go.

// Prices are text, so that no binary fraction comes between them and who compares them.
const OFFERS = new Map([
  ['widget', [
    { sku: 'W-1', packaging: 'bag', unitPrice: '0.45' },
    { sku: 'W-100', packaging: 'box', unitPrice: '0.40', orderMultiple: 100 },
  ]],
]);
const TERMS = { currency: 'EUR', stockQuantity: 5000, shipping: '4.90', deliveryDays: 2 };

// The reply to a request: the offers, none where the product is not carried, or what is wrong with the request.
function replyTo(body) {
  return Buffer.from(JSON.stringify(answer(body)));
}

function answer(body) {
  try {
    const { productId } = JSON.parse(body);
    if (typeof productId !== 'string') throw new TypeError('no productId');
    return (OFFERS.get(productId) ?? []).map((offer) => ({ ...offer, ...TERMS }));
  } catch (error) {
    return { error: `not a quote request: ${error.message}` };
  }
}

module.exports = { replyTo };
