package dev.walmonitor.rule.cel;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * What the library looks up by reflection when its environment is made; a native image has to be
 * told.
 */
@RegisterForReflection(
        classNames = {
            "org.projectnessie.cel.relocated.com.google.protobuf.Any",
            "org.projectnessie.cel.relocated.com.google.protobuf.Any$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.BoolValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.BoolValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.BytesValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.BytesValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.DoubleValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.DoubleValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Duration",
            "org.projectnessie.cel.relocated.com.google.protobuf.Duration$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Empty",
            "org.projectnessie.cel.relocated.com.google.protobuf.Empty$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.FloatValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.FloatValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Int32Value",
            "org.projectnessie.cel.relocated.com.google.protobuf.Int32Value$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Int64Value",
            "org.projectnessie.cel.relocated.com.google.protobuf.Int64Value$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.ListValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.ListValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.NullValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.StringValue",
            "org.projectnessie.cel.relocated.com.google.protobuf.StringValue$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Struct",
            "org.projectnessie.cel.relocated.com.google.protobuf.Struct$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Timestamp",
            "org.projectnessie.cel.relocated.com.google.protobuf.Timestamp$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.UInt32Value",
            "org.projectnessie.cel.relocated.com.google.protobuf.UInt32Value$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.UInt64Value",
            "org.projectnessie.cel.relocated.com.google.protobuf.UInt64Value$Builder",
            "org.projectnessie.cel.relocated.com.google.protobuf.Value",
            "org.projectnessie.cel.relocated.com.google.protobuf.Value$Builder"
        })
final class WellKnownTypes {

    private WellKnownTypes() {}
}
