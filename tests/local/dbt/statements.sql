select distinct nspname from pg_namespace
-- next
create schema if not exists "dbt"
-- next
COMMIT
-- next
select
        table_catalog as database,
        table_name as name,
        table_schema as schema,
        'table' as type
    from information_schema.tables
    where table_schema ilike 'dbt'
    and table_type = 'BASE TABLE'
    union all
    select
      table_catalog as database,
      table_name as name,
      table_schema as schema,
      case
        when view_definition ilike '%create materialized view%'
          then 'materialized_view'
        else 'view'
      end as type
    from information_schema.views
    where table_schema ilike 'dbt'
-- next
ROLLBACK
-- next
with
    relation as (
        select
            pg_class.oid as relation_id,
            pg_class.relname as relation_name,
            pg_class.relnamespace as schema_id,
            pg_namespace.nspname as schema_name,
            pg_class.relkind as relation_type
        from pg_class
        join pg_namespace
          on pg_class.relnamespace = pg_namespace.oid
        where pg_namespace.nspname != 'information_schema'
          and pg_namespace.nspname not like 'pg\_%'
    ),
    dependency as (
        select distinct
            coalesce(pg_rewrite.ev_class, pg_depend.objid) as dep_relation_id,
            pg_depend.refobjid as ref_relation_id,
            pg_depend.refclassid as ref_class_id
        from pg_depend
        left join pg_rewrite
          on pg_depend.objid = pg_rewrite.oid
        where coalesce(pg_rewrite.ev_class, pg_depend.objid) != pg_depend.refobjid
    )
select distinct
    dep.schema_name as dependent_schema,
    dep.relation_name as dependent_name,
    ref.schema_name as referenced_schema,
    ref.relation_name as referenced_name
from dependency
join relation ref
    on dependency.ref_relation_id = ref.relation_id
join relation dep
    on dependency.dep_relation_id = dep.relation_id
-- next
ROLLBACK
-- next
create table "dev"."dbt"."airports" ("faa" varchar(3),"name" varchar(19),"altitude" integer)
-- next
insert into "dev"."dbt"."airports" ("faa", "name", "altitude") values ('EWR','Newark Liberty Intl',18),('JFK','John F Kennedy Intl',13),('LGA','La Guardia',22)
-- next
COMMIT
-- next
create table "dev"."dbt"."flights" ("flight_id" varchar(11),"origin" varchar(3),"dep_delay" integer,"flight_date" date)
-- next
insert into "dev"."dbt"."flights" ("flight_id", "origin", "dep_delay", "flight_date") values ('UA-1545-EWR','EWR',2,'2013-01-01'),('AA-1141-JFK','JFK',2,'2013-01-01'),('DL-461-LGA','LGA',-6,'2013-01-02'),('B6-725-JFK','JFK',null,'2013-01-02')
-- next
COMMIT
-- next
create  table
    "dev"."dbt"."by_day"
  as (
select flight_date, count(*) as flights from "dev"."dbt"."flights"
group by 1
  );
-- next
COMMIT
-- next
create  table
    "dev"."dbt"."delays__dbt_tmp"
    diststyle key distkey (origin)
      compound sortkey(origin)
  as (
select origin, count(*) as flights, avg(dep_delay) as dep_delay from "dev"."dbt"."flights" group by 1
  );
-- next
alter table "dev"."dbt"."delays__dbt_tmp" rename to "delays"
-- next
COMMIT
-- next
drop table if exists "dev"."dbt"."delays__dbt_backup" cascade
-- next
COMMIT
-- next
create view "dev"."dbt"."late_view__dbt_tmp" as (
select * from "dev"."dbt"."flights" where dep_delay > 0
  ) with no schema binding;
-- next
alter table "dev"."dbt"."late_view__dbt_tmp" rename to "late_view"
-- next
COMMIT
-- next
drop view if exists "dev"."dbt"."late_view__dbt_backup" cascade
-- next
COMMIT
-- next
create view "dev"."dbt"."named_delays__dbt_tmp" as (
select a.name, d.flights, d.dep_delay from "dev"."dbt"."delays" d join "dev"."dbt"."airports" a on a.faa = d.origin
  ) ;
-- next
alter table "dev"."dbt"."named_delays__dbt_tmp" rename to "named_delays"
-- next
COMMIT
-- next
drop view if exists "dev"."dbt"."named_delays__dbt_backup" cascade
-- next
COMMIT
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with all_values as (
    select
        origin as value_field,
        count(*) as n_records
    from "dev"."dbt"."flights"
    group by origin
)
select *
from all_values
where value_field not in (
    'EWR','JFK','LGA'
)
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
  select 1 as lost where (select sum(flights) from "dev"."dbt"."delays") <> (select count(*) from "dev"."dbt"."flights")
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
select origin
from "dev"."dbt"."delays"
where origin is null
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with child as (
    select origin as from_field
    from "dev"."dbt"."flights"
    where origin is not null
),
parent as (
    select faa as to_field
    from "dev"."dbt"."airports"
)
select
    from_field
from child
left join parent
    on child.from_field = parent.to_field
where parent.to_field is null
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
select
    flight_date as unique_field,
    count(*) as n_records
from "dev"."dbt"."by_day"
where flight_date is not null
group by flight_date
having count(*) > 1
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
select
    origin as unique_field,
    count(*) as n_records
from "dev"."dbt"."delays"
where origin is not null
group by origin
having count(*) > 1
    ) dbt_internal_test
-- next
ROLLBACK
-- next
select * from (
    select *,
        md5(coalesce(cast(faa as varchar ), '')
         || '|' || coalesce(cast(getdate()::timestamp as varchar ), '')
        ) as dbt_scd_id,
        getdate()::timestamp as dbt_updated_at,
        getdate()::timestamp as dbt_valid_from,
  coalesce(nullif(getdate()::timestamp, getdate()::timestamp), null)
  as dbt_valid_to
from (
select * from "dev"."dbt"."airports"
    ) sbq
    ) as __dbt_sbq
    where false
    limit 0
-- next
select * from (
        select getdate()::timestamp as dbt_snapshot_time
    ) as __dbt_sbq
    where false
    limit 0
-- next
create  table
    "dev"."dbt"."airports_history"
  as (
    select *,
        md5(coalesce(cast(faa as varchar ), '')
         || '|' || coalesce(cast(getdate()::timestamp as varchar ), '')
        ) as dbt_scd_id,
        getdate()::timestamp as dbt_updated_at,
        getdate()::timestamp as dbt_valid_from,
  coalesce(nullif(getdate()::timestamp, getdate()::timestamp), null)
  as dbt_valid_to
from (
select * from "dev"."dbt"."airports"
    ) sbq
  );
-- next
COMMIT
-- next
UPDATE dbt.airports SET altitude = altitude + 1 WHERE faa = 'JFK'
-- next
COMMIT
-- next
create temporary table
    "by_day__dbt_tmp145544426074"
  as (
select flight_date, count(*) as flights from "dev"."dbt"."flights"
 where flight_date >= (select max(flight_date) from "dev"."dbt"."by_day")
group by 1
  );
-- next
with bound_views as (
        select
          ordinal_position,
          table_schema,
          column_name,
          data_type,
          character_maximum_length,
          numeric_precision,
          numeric_scale
        from information_schema."columns"
        where table_name = 'by_day__dbt_tmp145544426074'
    ),
    unbound_views as (
      select
        ordinal_position,
        view_schema,
        col_name,
        case
          when col_type ilike 'character varying%' then
            'character varying'
          when col_type ilike 'numeric%' then 'numeric'
          else col_type
        end as col_type,
        case
          when col_type like 'character%'
          then nullif(REGEXP_SUBSTR(col_type, '[0-9]+'), '')::int
          else null
        end as character_maximum_length,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from pg_get_late_binding_view_cols()
      cols(view_schema name, view_name name, col_name name,
           col_type varchar, ordinal_position int)
      where view_name = 'by_day__dbt_tmp145544426074'
    ),
    external_views as (
      select
        columnnum,
        schemaname,
        columnname,
        case
          when external_type ilike 'character varying%' or external_type ilike 'varchar%'
          then 'character varying'
          when external_type ilike 'numeric%' then 'numeric'
          else external_type
        end as external_type,
        case
          when external_type like 'character%' or external_type like 'varchar%'
          then nullif(
            REGEXP_SUBSTR(external_type, '[0-9]+'),
            '')::int
          else null
        end as character_maximum_length,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from
        pg_catalog.svv_external_columns
      where
        schemaname = 'None'
        and tablename = 'by_day__dbt_tmp145544426074'
    ),
    unioned as (
      select * from bound_views
      union all
      select * from unbound_views
      union all
      select * from external_views
    )
    select
      column_name,
      data_type,
      character_maximum_length,
      numeric_precision,
      numeric_scale
    from unioned
    order by ordinal_position
-- next
with bound_views as (
        select
          ordinal_position,
          table_schema,
          column_name,
          data_type,
          character_maximum_length,
          numeric_precision,
          numeric_scale
        from information_schema."columns"
        where table_name = 'by_day'
    ),
    unbound_views as (
      select
        ordinal_position,
        view_schema,
        col_name,
        case
          when col_type ilike 'character varying%' then
            'character varying'
          when col_type ilike 'numeric%' then 'numeric'
          else col_type
        end as col_type,
        case
          when col_type like 'character%'
          then nullif(REGEXP_SUBSTR(col_type, '[0-9]+'), '')::int
          else null
        end as character_maximum_length,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from pg_get_late_binding_view_cols()
      cols(view_schema name, view_name name, col_name name,
           col_type varchar, ordinal_position int)
      where view_name = 'by_day'
    ),
    external_views as (
      select
        columnnum,
        schemaname,
        columnname,
        case
          when external_type ilike 'character varying%' or external_type ilike 'varchar%'
          then 'character varying'
          when external_type ilike 'numeric%' then 'numeric'
          else external_type
        end as external_type,
        case
          when external_type like 'character%' or external_type like 'varchar%'
          then nullif(
            REGEXP_SUBSTR(external_type, '[0-9]+'),
            '')::int
          else null
        end as character_maximum_length,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from
        pg_catalog.svv_external_columns
      where
        schemaname = 'dbt'
        and tablename = 'by_day'
    ),
    unioned as (
      select * from bound_views
      union all
      select * from unbound_views
      union all
      select * from external_views
    )
    select
      column_name,
      data_type,
      character_maximum_length,
      numeric_precision,
      numeric_scale
    from unioned
    where table_schema = 'dbt'
    order by ordinal_position
-- next
delete from "dev"."dbt"."by_day"
    where (flight_date) in (
        select distinct flight_date
        from "by_day__dbt_tmp145544426074" as DBT_INTERNAL_SOURCE
    )
    ;
-- next
insert into "dev"."dbt"."by_day" ("flight_date", "flights")
        (
            select "flight_date", "flights"
            from "by_day__dbt_tmp145544426074"
        )
-- next
COMMIT
-- next
select * from (
        select name, altitude from (
select * from "dev"."dbt"."airports"
            ) subq
    ) as __dbt_sbq
    where false
    limit 0
-- next
with bound_views as (
        select
          ordinal_position,
          table_schema,
          column_name,
          data_type,
          character_maximum_length,
          numeric_precision,
          numeric_scale
        from information_schema."columns"
        where table_name = 'airports_history'
    ),
    unbound_views as (
      select
        ordinal_position,
        view_schema,
        col_name,
        case
          when col_type ilike 'character varying%' then
            'character varying'
          when col_type ilike 'numeric%' then 'numeric'
          else col_type
        end as col_type,
        case
          when col_type like 'character%'
          then nullif(REGEXP_SUBSTR(col_type, '[0-9]+'), '')::int
          else null
        end as character_maximum_length,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from pg_get_late_binding_view_cols()
      cols(view_schema name, view_name name, col_name name,
           col_type varchar, ordinal_position int)
      where view_name = 'airports_history'
    ),
    external_views as (
      select
        columnnum,
        schemaname,
        columnname,
        case
          when external_type ilike 'character varying%' or external_type ilike 'varchar%'
          then 'character varying'
          when external_type ilike 'numeric%' then 'numeric'
          else external_type
        end as external_type,
        case
          when external_type like 'character%' or external_type like 'varchar%'
          then nullif(
            REGEXP_SUBSTR(external_type, '[0-9]+'),
            '')::int
          else null
        end as character_maximum_length,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from
        pg_catalog.svv_external_columns
      where
        schemaname = 'dbt'
        and tablename = 'airports_history'
    ),
    unioned as (
      select * from bound_views
      union all
      select * from unbound_views
      union all
      select * from external_views
    )
    select
      column_name,
      data_type,
      character_maximum_length,
      numeric_precision,
      numeric_scale
    from unioned
    where table_schema = 'dbt'
    order by ordinal_position
-- next
create temporary table
    "airports_history__dbt_tmp145558184255"
  as (
    with snapshot_query as (
select * from "dev"."dbt"."airports"
    ),
    snapshotted_data as (
        select *,
        faa as dbt_unique_key
        from "dev"."dbt"."airports_history"
        where
                dbt_valid_to is null
    ),
    insertions_source_data as (
        select *,
        faa as dbt_unique_key
,
            getdate()::timestamp as dbt_updated_at,
            getdate()::timestamp as dbt_valid_from,
  coalesce(nullif(getdate()::timestamp, getdate()::timestamp), null)
  as dbt_valid_to
,
            md5(coalesce(cast(faa as varchar ), '')
         || '|' || coalesce(cast(getdate()::timestamp as varchar ), '')
        ) as dbt_scd_id
        from snapshot_query
    ),
    updates_source_data as (
        select *,
        faa as dbt_unique_key
,
            getdate()::timestamp as dbt_updated_at,
            getdate()::timestamp as dbt_valid_from,
            getdate()::timestamp as dbt_valid_to
        from snapshot_query
    ),
    insertions as (
        select
            'insert' as dbt_change_type,
            source_data.*
        from insertions_source_data as source_data
        left outer join snapshotted_data
            on
        snapshotted_data.dbt_unique_key = source_data.dbt_unique_key
            where
        snapshotted_data.dbt_unique_key is null
            or (
        snapshotted_data.dbt_unique_key is not null
 and (
               (snapshotted_data."name" != source_data."name"
        or
        (
            ((snapshotted_data."name" is null) and not (source_data."name" is null))
            or
            ((not snapshotted_data."name" is null) and (source_data."name" is null))
        ) or snapshotted_data."altitude" != source_data."altitude"
        or
        (
            ((snapshotted_data."altitude" is null) and not (source_data."altitude" is null))
            or
            ((not snapshotted_data."altitude" is null) and (source_data."altitude" is null))
        ))
            )
        )
    ),
    updates as (
        select
            'update' as dbt_change_type,
            source_data.*,
            snapshotted_data.dbt_scd_id
        from updates_source_data as source_data
        join snapshotted_data
            on
        snapshotted_data.dbt_unique_key = source_data.dbt_unique_key
        where (
            (snapshotted_data."name" != source_data."name"
        or
        (
            ((snapshotted_data."name" is null) and not (source_data."name" is null))
            or
            ((not snapshotted_data."name" is null) and (source_data."name" is null))
        ) or snapshotted_data."altitude" != source_data."altitude"
        or
        (
            ((snapshotted_data."altitude" is null) and not (source_data."altitude" is null))
            or
            ((not snapshotted_data."altitude" is null) and (source_data."altitude" is null))
        ))
        )
    )
    select * from insertions
    union all
    select * from updates
  );
-- next
with bound_views as (
        select
          ordinal_position,
          table_schema,
          column_name,
          data_type,
          character_maximum_length,
          numeric_precision,
          numeric_scale
        from information_schema."columns"
        where table_name = 'airports_history__dbt_tmp145558184255'
    ),
    unbound_views as (
      select
        ordinal_position,
        view_schema,
        col_name,
        case
          when col_type ilike 'character varying%' then
            'character varying'
          when col_type ilike 'numeric%' then 'numeric'
          else col_type
        end as col_type,
        case
          when col_type like 'character%'
          then nullif(REGEXP_SUBSTR(col_type, '[0-9]+'), '')::int
          else null
        end as character_maximum_length,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when col_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(col_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from pg_get_late_binding_view_cols()
      cols(view_schema name, view_name name, col_name name,
           col_type varchar, ordinal_position int)
      where view_name = 'airports_history__dbt_tmp145558184255'
    ),
    external_views as (
      select
        columnnum,
        schemaname,
        columnname,
        case
          when external_type ilike 'character varying%' or external_type ilike 'varchar%'
          then 'character varying'
          when external_type ilike 'numeric%' then 'numeric'
          else external_type
        end as external_type,
        case
          when external_type like 'character%' or external_type like 'varchar%'
          then nullif(
            REGEXP_SUBSTR(external_type, '[0-9]+'),
            '')::int
          else null
        end as character_maximum_length,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 1),
            '')::int
          else null
        end as numeric_precision,
        case
          when external_type like 'numeric%'
          then nullif(
            SPLIT_PART(REGEXP_SUBSTR(external_type, '[0-9,]+'), ',', 2),
            '')::int
          else null
        end as numeric_scale
      from
        pg_catalog.svv_external_columns
      where
        schemaname = 'None'
        and tablename = 'airports_history__dbt_tmp145558184255'
    ),
    unioned as (
      select * from bound_views
      union all
      select * from unbound_views
      union all
      select * from external_views
    )
    select
      column_name,
      data_type,
      character_maximum_length,
      numeric_precision,
      numeric_scale
    from unioned
    order by ordinal_position
-- next
select * from (
    with snapshot_query as (
select * from "dev"."dbt"."airports"
    ),
    snapshotted_data as (
        select *,
        faa as dbt_unique_key
        from "dev"."dbt"."airports_history"
        where
                dbt_valid_to is null
    ),
    insertions_source_data as (
        select *,
        faa as dbt_unique_key
,
            getdate()::timestamp as dbt_updated_at,
            getdate()::timestamp as dbt_valid_from,
  coalesce(nullif(getdate()::timestamp, getdate()::timestamp), null)
  as dbt_valid_to
,
            md5(coalesce(cast(faa as varchar ), '')
         || '|' || coalesce(cast(getdate()::timestamp as varchar ), '')
        ) as dbt_scd_id
        from snapshot_query
    ),
    updates_source_data as (
        select *,
        faa as dbt_unique_key
,
            getdate()::timestamp as dbt_updated_at,
            getdate()::timestamp as dbt_valid_from,
            getdate()::timestamp as dbt_valid_to
        from snapshot_query
    ),
    insertions as (
        select
            'insert' as dbt_change_type,
            source_data.*
        from insertions_source_data as source_data
        left outer join snapshotted_data
            on
        snapshotted_data.dbt_unique_key = source_data.dbt_unique_key
            where
        snapshotted_data.dbt_unique_key is null
            or (
        snapshotted_data.dbt_unique_key is not null
 and (
               (snapshotted_data."name" != source_data."name"
        or
        (
            ((snapshotted_data."name" is null) and not (source_data."name" is null))
            or
            ((not snapshotted_data."name" is null) and (source_data."name" is null))
        ) or snapshotted_data."altitude" != source_data."altitude"
        or
        (
            ((snapshotted_data."altitude" is null) and not (source_data."altitude" is null))
            or
            ((not snapshotted_data."altitude" is null) and (source_data."altitude" is null))
        ))
            )
        )
    ),
    updates as (
        select
            'update' as dbt_change_type,
            source_data.*,
            snapshotted_data.dbt_scd_id
        from updates_source_data as source_data
        join snapshotted_data
            on
        snapshotted_data.dbt_unique_key = source_data.dbt_unique_key
        where (
            (snapshotted_data."name" != source_data."name"
        or
        (
            ((snapshotted_data."name" is null) and not (source_data."name" is null))
            or
            ((not snapshotted_data."name" is null) and (source_data."name" is null))
        ) or snapshotted_data."altitude" != source_data."altitude"
        or
        (
            ((snapshotted_data."altitude" is null) and not (source_data."altitude" is null))
            or
            ((not snapshotted_data."altitude" is null) and (source_data."altitude" is null))
        ))
        )
    )
    select * from insertions
    union all
    select * from updates
    ) as __dbt_sbq
    where false
    limit 0
-- next
update "dev"."dbt"."airports_history"
    set dbt_valid_to = DBT_INTERNAL_SOURCE.dbt_valid_to
    from "airports_history__dbt_tmp145558184255" as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.dbt_scd_id::text = "dev"."dbt"."airports_history".dbt_scd_id::text
      and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update'::text, 'delete'::text)
        and "dev"."dbt"."airports_history".dbt_valid_to is null;
-- next
insert into "dev"."dbt"."airports_history" ("faa", "name", "altitude", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_scd_id")
    select DBT_INTERNAL_SOURCE."faa",DBT_INTERNAL_SOURCE."name",DBT_INTERNAL_SOURCE."altitude",DBT_INTERNAL_SOURCE."dbt_updated_at",DBT_INTERNAL_SOURCE."dbt_valid_from",DBT_INTERNAL_SOURCE."dbt_valid_to",DBT_INTERNAL_SOURCE."dbt_scd_id"
    from "airports_history__dbt_tmp145558184255" as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'::text;
-- next
COMMIT
