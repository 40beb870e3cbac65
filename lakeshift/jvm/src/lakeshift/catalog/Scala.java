package lakeshift.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import scala.Option;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Java's collections as Scala's. */
final class Scala {
  private Scala() {}

  static <T> Seq<T> seq(List<T> items) {
    return JavaConverters.asScalaBufferConverter(items).asScala().toList();
  }

  static <T> List<T> list(Seq<T> items) {
    return new ArrayList<>(JavaConverters.seqAsJavaListConverter(items).asJava());
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  static scala.collection.immutable.Map<String, String> map(Map<String, String> items) {
    List<Tuple2<String, String>> pairs = new ArrayList<>();
    items.forEach((key, value) -> pairs.add(new Tuple2<>(key, value)));
    scala.collection.immutable.Map empty = scala.collection.immutable.Map$.MODULE$.empty();
    for (Tuple2<String, String> pair : pairs) {
      empty = empty.$plus(pair);
    }
    return empty;
  }

  static Map<String, String> java(scala.collection.immutable.Map<String, String> items) {
    return JavaConverters.mapAsJavaMapConverter(items).asJava();
  }

  static <T> Option<T> none() {
    return Option.empty();
  }
}
