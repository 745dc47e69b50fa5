-- The words that the tables for BI tools explain. quality.vocabulary has further words, which are not read
-- here.
create schema quality;

create table quality.vocabulary as
select vocabulary, word, "position"::bigint as "position", meaning, word_group
from (
    values
    ('flow', 'compute_purchase', 1, 'a customer buys computing capacity as a service', 'purchase'),
    ('flow', 'chip_purchase', 2, 'a customer buys chips or systems', 'purchase'),
    ('flow', 'lease', 3, 'a tenant rents a site or equipment', 'purchase'),
    ('flow', 'infrastructure_build', 4, 'a builder pays for data centres, power or equipment', 'purchase'),
    ('flow', 'revenue_share', 5, 'a share of revenue paid to a partner', 'purchase'),
    ('flow', 'equity_investment', 6, 'money for a share in the company', 'funding'),
    ('flow', 'debt', 7, 'a loan, note or credit line', 'funding'),
    ('flow', 'backstop', 8, 'a guarantee: money flows only if somebody else does not pay or does not come', 'contingent'),
    ('flow', 'warrant_grant', 9, 'a right to buy the grantor''s shares', 'contingent'),
    ('certainty', 'rumoured', 1, 'reported from unnamed sources, not confirmed', null),
    ('certainty', 'letter_of_intent', 2, 'signed, but not binding', null),
    ('certainty', 'announced', 3, 'stated by a party, terms not known to be binding', null),
    ('certainty', 'contracted', 4, 'a definitive agreement is reported or stated', null),
    ('certainty', 'filed', 5, 'stands in a regulatory filing', null),
    ('certainty', 'paid', 6, 'the money has moved', null),
    ('certainty', 'cancelled', 7, 'withdrawn or replaced: carries nothing from then on', null),
    ('evidence', 'seen', 1, 'the source, or a page that states the figure, was read', null),
    ('evidence', 'relayed', 2, 'an independent text quotes the document, which was not opened', null),
    ('evidence', 'unverified', 3, 'neither', null),
    ('view', 'site', 1, 'data centres: where the power is', null),
    ('view', 'chip', 2, 'chips and systems that use the power', null),
    ('view', 'cloud', 3, 'capacity sold as a service', null),
    ('view', 'statement', 4, 'a company''s own total: overlaps the others, in no sum', null)
) as w (vocabulary, word, "position", meaning, word_group);
