select 1 as lost where (select sum(flights) from {{ ref('delays') }}) <> (select count(*) from {{ ref('flights') }})
