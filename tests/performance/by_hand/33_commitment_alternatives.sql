-- facts.commitment_alternatives: competing figures with their bounds, never counted.
create table facts.commitment_alternatives as
select
    leg_id,
    known_from,
    deal_id,
    payer_id,
    payee_id,
    flow,
    certainty,
    evidence,
    qualifier,
    coalesce(
        amount_low_usd,
        coalesce(amount_usd, amount_low_usd) * case qualifier
            when 'about' then assumption('about_low_ratio') when 'up_to' then assumption('up_to_low_ratio') else 1
        end
    ) as amount_low_usd,
    coalesce(amount_usd, staging.commitments.amount_low_usd) as amount_usd,
    coalesce(
        amount_high_usd,
        coalesce(staging.commitments.amount_usd, staging.commitments.amount_low_usd) * case qualifier
            when 'about' then assumption('about_high_ratio') when 'at_least' then assumption('at_least_high_ratio')
            else 1
        end
    ) as amount_high_usd,
    source_id,
    note
from staging.commitments
where reading = 'alternative';
