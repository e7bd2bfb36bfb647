downbeat trace 2 {}
# What Bob plays reaches the others as he wrote it: keys in their order, numbers digit for digit.
# Only insignificant space goes. He himself does not get it.
> websocket 1
> text 1 40
> websocket 2
> text 2 40
> websocket 3
> text 3 40
> text 1 42["session:create",{"name":"Alice"}]
> text 2 42["session:join",{"roomCode":"{room 1}","name":"Bob"}]
> text 3 42["session:join",{"roomCode":"{room 1}","name":"Carol"}]
+10 > text 2 42["session:event",{"type":"note","data":{"z":1,"a":[1.0,-0,1e400,12345678901234567890],"é":"\u00e9\ud83c\udfba"}}]
? send 1 42["session:event",{"userId":"{id 2}","type":"note","data":{"z":1,"a":[1.0,-0,1e400,12345678901234567890],"é":"\u00e9\ud83c\udfba"}}]
? send 3
! send 2
+10 > text 2 42[ "session:event" , { "type" : "note" , "data" : [ 1 , "a b" ] } ]
? "type":"note","data":[1,"a b"]}]
+10 > text 2 42["session:event",{"type":"stop"}]
? {"userId":"{id 2}","type":"stop"}
+10 > text 2 42["session:event",{"type":"stop","data":null}]
? "type":"stop","data":null}
# Of doubled keys the last counts, and a userId of his own making does not.
+10 > text 2 42["session:event",{"userId":"{id 1}","type":"a","type":"b"}]
? {"userId":"{id 2}","type":"b"}
