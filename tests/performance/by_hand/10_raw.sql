-- raw.*: the seeds exactly as written, every cell as text, with file and line. Each record is assumed to be
-- one line: no cell of a seed has a line break.
set preserve_insertion_order = true; -- line numbers are positions in the file

create schema raw;

create temp macro seed(name) as table (
    select *, 'seeds/' || name || '.csv' as source_file, row_number() over () + 1 as source_line
    from read_csv(
        getvariable('seeds') || '/' || name || '.csv',
        header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = chr(127),
        max_line_size = 1048576
    )
);

create table raw.assumptions as from seed('assumptions');
create table raw.scenarios as from seed('scenarios');
create table raw.entities as from seed('entities');
create table raw.sources as from seed('sources');
create table raw.deals as from seed('deals');
create table raw.capacity as from seed('capacity');
create table raw.commitments as from seed('commitments');
create table raw.financials as from seed('financials');
create table raw.prices as from seed('prices');
create table raw.warrants as from seed('warrants');
create table raw.warrant_tranches as from seed('warrant_tranches');
create table raw.cost_per_gw as from seed('cost_per_gw');
create table raw.claims as from seed('claims');

set preserve_insertion_order = false;
