package io.shardfire.driver.corpus;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.immutable.$colon$colon;
import scala.collection.immutable.List$;
import scala.collection.immutable.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Makes RDDs of one element a task, each near given hosts. Spark's Java API has no such method, and
 * the Scala one takes an immutable sequence when built for Scala 2.13, and any when built for 2.12:
 * it is looked up by its name.
 */
final class LocatedRdd {
  private static final Method MAKE_RDD = makeRdd();

  private LocatedRdd() {}

  /**
   * An RDD of the elements.
   *
   * @param hosts where the task of an element had best run; empty for anywhere
   */
  static <T> JavaRDD<T> of(
      JavaSparkContext spark, List<T> elements, Function<T, List<String>> hosts, Class<T> type) {
    ClassTag<T> tag = ClassTag$.MODULE$.apply(type);
    Seq<?> located =
        scalaList(
            elements.stream()
                .map(element -> new Tuple2<>(element, scalaList(hosts.apply(element))))
                .toList());
    try {
      @SuppressWarnings("unchecked") // an RDD of what the tuples begin with
      RDD<T> rdd = (RDD<T>) MAKE_RDD.invoke(spark.sc(), located, tag);
      return new JavaRDD<>(rdd, tag);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("Cannot make an RDD", e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("Cannot make an RDD", e);
    }
  }

  private static Method makeRdd() {
    return Arrays.stream(SparkContext.class.getMethods())
        .filter(method -> method.getName().equals("makeRDD") && method.getParameterCount() == 2)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("SparkContext has no makeRDD(Seq, ClassTag)"));
  }

  private static <E> Seq<E> scalaList(List<E> elements) {
    scala.collection.immutable.List<E> list = List$.MODULE$.empty();
    for (int i = elements.size() - 1; i >= 0; i--) {
      list = new $colon$colon<>(elements.get(i), list);
    }
    return list;
  }
}
