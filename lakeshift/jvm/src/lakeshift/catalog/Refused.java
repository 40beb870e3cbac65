package lakeshift.catalog;

/** What Spark SQL cannot do with the local Data Catalog: names the feature, what to do instead, the page. */
final class Refused extends UnsupportedOperationException {
  private static final long serialVersionUID = 1;
  private static final String PAGE =
      "https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-data-catalog-hive.html";

  Refused(String feature, String instead) {
    super(feature + " is not supported locally. " + instead + " See " + PAGE);
  }
}
